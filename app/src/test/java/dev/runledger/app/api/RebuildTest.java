package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A read model that somebody dropped. */
@Timeout(120)
class RebuildTest {

    private final TestDatabase database = TestDatabase.fresh();

    @AfterEach
    void drop() {
        database.close();
    }

    /** What every query answers, by path. */
    static Map<String, String> everything(Ledger ledger, List<String> ids) {
        var answers = new TreeMap<String, String>();
        var paths = new ArrayList<>(List.of(
                EXECUTIONS + "?limit=500",
                EXECUTIONS + "?status=COMPLETED",
                EXECUTIONS + "?tag=a:1",
                EXECUTIONS + "?sort=-durationMs",
                "/api/v1/steps?limit=500",
                "/api/v1/artifacts?limit=500",
                "/api/v1/events?limit=500",
                "/api/v1/workflows/w/executions"));
        for (var id : ids) {
            paths.addAll(List.of(
                    of(id) + "?include=steps,artifacts",
                    of(id, "steps"),
                    of(id, "steps/a%2F1"),
                    of(id, "artifacts"),
                    of(id, "checkpoints"),
                    of(id, "checkpoints/latest"),
                    of(id, "children"),
                    of(id, "events")));
        }
        for (var path : paths) {
            answers.put(path, ledger.get(path).is(200).text());
        }
        return answers;
    }

    /** Writes some eventful runs. */
    static List<String> write(Ledger ledger) {
        var ids = new ArrayList<String>();
        for (var i = 0; i < 5; i++) {
            var id = newId();
            ids.add(id);
            assertThat(ledger.batch(Lines.eventfulRun(id))).noneMatch(result -> result.has("problem"));
        }
        return ids;
    }

    @Test
    void comesBackAsItWasAfterItWasDroppedWhileTheApplicationWasStopped() {
        List<String> ids;
        Map<String, String> before;
        long written;
        try (var application = RunningHere.on(database)) {
            var ledger = application.ledger();
            ids = write(ledger);
            before = everything(ledger, ids);
            written = ledger.written();
        }
        database.asSuperuser("drop schema read_model cascade");
        try (var application = RunningHere.on(database)) {
            // Without a position to wait for: what is shown is everything, or that it is not there yet.
            var ledger = application.ledger();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        var answer = ledger.get(EXECUTIONS + "?limit=500");
                        if (answer.status() != 200) {
                            answer.isProblem(503, "rebuilding");
                            return false;
                        }
                        assertThat(Long.parseLong(answer.header("Runledger-Position")))
                                .isEqualTo(written);
                        return true;
                    });
            assertThat(everything(ledger, ids)).isEqualTo(before);
        }
    }

    /** Every answer on the way is the whole truth, or that there is none at the moment. */
    @Test
    void isNotShownByHalfWhenItIsDroppedWhileTheApplicationRuns() throws Exception {
        try (var application = RunningHere.on(database)) {
            var ledger = application.ledger();
            var ids = write(ledger);
            var before = everything(ledger, ids);
            var impatient = ledger.with("Runledger-Min-Position", "0");
            var refused = new AtomicInteger();
            var commanded = new AtomicInteger();
            var back = new AtomicBoolean();
            try (var pollers = Executors.newVirtualThreadPerTaskExecutor()) {
                var polling = new ArrayList<Future<?>>();
                for (var path : List.of(EXECUTIONS + "?limit=500", of(ids.getFirst()) + "?include=steps,artifacts")) {
                    polling.add(pollers.submit(() -> {
                        while (!back.get()) {
                            var answer = impatient.get(path);
                            if (answer.status() == 200) {
                                assertThat(answer.text()).isEqualTo(before.get(path));
                            } else {
                                answer.isProblem(503, "rebuilding");
                                assertThat(answer.text("detail"))
                                        .matches("The read model replays the log: position \\d+ of \\d+, \\d+ %\\.");
                                refused.incrementAndGet();
                            }
                        }
                    }));
                }
                var elsewhere = ledger.in("elsewhere");
                polling.add(pollers.submit(() -> {
                    while (!back.get()) {
                        elsewhere.post(EXECUTIONS, "{'workflow': 'meanwhile'}").is(201);
                        commanded.incrementAndGet();
                    }
                }));
                database.asSuperuser("drop schema read_model cascade");
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    var failed = polling.stream().anyMatch(Future::isDone);
                    return failed
                            || (refused.get() > 0 && impatient.get(EXECUTIONS).status() == 200);
                });
                back.set(true);
                for (var one : polling) {
                    one.get();
                }
            }
            assertThat(everything(ledger, ids)).isEqualTo(before);
            assertThat(commanded).hasPositiveValue();
            assertThat(ledger.in("elsewhere").pages(EXECUTIONS, 500)).hasSize(commanded.get());
            var id = ledger.start();
            assertThat(ledger.get(of(id)).is(200).id()).isEqualTo(id);
        }
    }
}
