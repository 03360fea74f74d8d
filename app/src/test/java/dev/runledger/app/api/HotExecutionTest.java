package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An execution of which more is asked than may wait. */
@Timeout(120)
class HotExecutionTest {

    private static final int INPUT_BYTES = 1_000_000;

    private static final int MAY_WAIT = (64 << 20) / INPUT_BYTES;
    private static final int REQUESTS = MAY_WAIT + 10;

    private final TestDatabase database = TestDatabase.fresh();
    private final RunningHere application = RunningHere.on(database);

    @AfterEach
    void close() {
        application.close();
        database.close();
    }

    @Test
    void tellsThoseWhoFindNoRoomToComeBackSoon() throws Exception {
        var ledger = application.ledger().in("ours");
        var id = ledger.create("{'workflow': 'w'}");
        var body = "{'input': '" + "x".repeat(INPUT_BYTES) + "'}";
        List<FutureTask<Answer>> requests = IntStream.range(0, REQUESTS)
                .mapToObj(n -> new FutureTask<>(() -> ledger.post(of(id, "steps/s" + n + "/start"), body)))
                .toList();
        try (var head = database.owner().getConnection();
                var statement = head.createStatement()) {
            head.setAutoCommit(false);
            statement.execute("select 1 from event_log.head for update");
            requests.forEach(request -> Thread.ofVirtual().start(request));
            await().atMost(Duration.ofSeconds(8))
                    .until(() -> requests.stream().filter(FutureTask::isDone).count() >= REQUESTS - 1 - MAY_WAIT);
            head.rollback();
        }
        var applied = 0;
        for (var request : requests) {
            var answer = request.get();
            if (answer.status() == 200) {
                applied++;
            } else {
                assertThat(answer.isProblem(503, "busy").header("Retry-After")).isEqualTo("1");
            }
        }
        assertThat(applied).isBetween(1, 1 + MAY_WAIT);
        assertThat(ledger.get(of(id)).is(200).id()).isEqualTo(id);
    }
}
