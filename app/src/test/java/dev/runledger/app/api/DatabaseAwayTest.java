package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Lines.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.embedded.RestartablePostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database that goes away and comes back while the application runs. */
@Timeout(180)
class DatabaseAwayTest {

    @TempDir
    private static Path folder;

    private static RestartablePostgres database;
    private static RunningHere application;

    private Ledger ledger = Ledger.at(0);

    @BeforeAll
    static void start() throws Exception {
        database = RestartablePostgres.start(folder);
        application = RunningHere.with(database.arguments());
    }

    @AfterAll
    static void stop() throws Exception {
        application.close();
        database.close();
    }

    @BeforeEach
    void haveTheDatabase() throws Exception {
        database.revive();
        ledger = application.ledger().in("t-" + newId());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ledger.get("/health/ready").status() == 200);
        awaitQueries();
    }

    /** Of the read tables and of the log: their connections come back each at their own time. */
    private void awaitQueries() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ledger.get(EXECUTIONS).status() == 200
                        && ledger.get("/api/v1/events?limit=1").status() == 200);
    }

    @Test
    void isToldToCommandsWhichSucceedOnceLater() throws Exception {
        var id = ledger.start();
        var other = newId();
        database.kill();

        ledger.post(of(id, "amend"), "{'tags': {'a': '1'}}").isProblem(503, "unavailable");
        ledger.post(EXECUTIONS, "{'workflow': 'w', 'executionId': '" + other + "'}")
                .isProblem(503, "unavailable");
        ledger.post(of(id, "steps/s/start"), "{}").isProblem(503, "unavailable");
        ledger.post(of(id, "amend"), "{'tags': []}").isProblem(400, "bad-request");

        database.revive();
        var amended = await().atMost(Duration.ofSeconds(60))
                .until(() -> ledger.post(of(id, "amend"), "{'tags': {'a': '1'}}"), answer -> answer.status() == 200);
        amended.changed(true);
        assertThat(amended.version()).isEqualTo(2);
        ledger.command(of(id, "amend"), "{'tags': {'a': '1'}}").changed(false);
        ledger.post(EXECUTIONS, "{'workflow': 'w', 'executionId': '" + other + "'}")
                .is(201);
        ledger.command(of(id, "steps/s/start"), "{}").changed(true);
        assertThat(ledger.events(id)).hasSize(3);
        assertThat(ledger.get(of(id)).text("tags.a")).isEqualTo("1");
        assertThat(ledger.get(EXECUTIONS).items()).hasSize(2);
    }

    @Test
    void isToldToQueriesWhichAnswerAgainLater() throws Exception {
        var id = ledger.start();
        ledger.get(of(id)).is(200);
        database.kill();

        // Side by side, because each waits for a connection until it is told.
        List.of(
                        EXECUTIONS,
                        of(id),
                        of(id, "steps"),
                        of(id, "events"),
                        "/api/v1/events",
                        "/api/v1/steps",
                        "/api/v1/agents/a")
                .parallelStream()
                .forEach(path -> ledger.get(path).isProblem(503, "unavailable"));
        ledger.get("/api/v1/events", "application/x-ndjson").isProblem(503, "unavailable");
        assertThat(ledger.get("/health/live").status()).isEqualTo(200);
        assertThat(ledger.get("/health/ready").status()).isEqualTo(503);

        database.revive();
        awaitQueries();
        assertThat(ledger.get(of(id)).is(200).id()).isEqualTo(id);
        assertThat(ledger.events(id)).hasSize(1);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ledger.get("/health/ready").status() == 200);
    }

    @Test
    void isToldToTheLinesOfABatch() throws Exception {
        var id = ledger.start();
        var lines = List.of(
                line("StartStep", id, "'stepId': 'a'"),
                line("StartStep", id, "'stepId': ''"),
                line("CompleteStep", id, "'stepId': 'a'"),
                line("StartExecution", newId(), "'workflow': 'w'"));
        database.kill();

        var results = ledger.batch(lines);
        assertThat(results.stream().map(r -> r.path("problem").path("status").asInt()))
                .containsExactly(503, 400, 503, 503);
        assertThat(results.getFirst().path("problem").path("type").asString())
                .isEqualTo("urn:runledger:problem:unavailable");

        database.revive();
        awaitQueries();
        var again = ledger.batch(lines);
        assertThat(again.stream().map(r -> r.path("unchanged").asBoolean(true)))
                .containsExactly(false, true, false, false);
        assertThat(ledger.events(id)).hasSize(3);
    }

    /** What was acknowledged is there, and what was not is there once after it was sent again. */
    @Test
    void losesAndDoublesNothingThatIsOnItsWay() throws Exception {
        var ids = List.of(ledger.start(), ledger.start(), ledger.start(), ledger.start());
        var acknowledged = new ConcurrentHashMap<String, Answer>();
        var refused = ConcurrentHashMap.<Answer>newKeySet();
        var enough = new AtomicBoolean();
        try (var workers = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable stop = () -> enough.set(true)) {
            var working = new ArrayList<Future<?>>();
            for (var id : ids) {
                working.add(workers.submit(() -> {
                    for (var i = 0; !enough.get(); i++) {
                        var answer = ledger.post(of(id, "steps"), "{'stepId': 's" + i + "'}");
                        if (answer.status() == 200) {
                            acknowledged.put(id + " s" + i, answer);
                        } else {
                            refused.add(answer);
                            return;
                        }
                    }
                }));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > 40);
            database.kill();
            await().atMost(Duration.ofSeconds(60)).until(() -> refused.size() == ids.size());
            enough.set(true);
            for (var one : working) {
                one.get();
            }
        }
        refused.forEach(answer -> answer.isProblem(503, "unavailable"));
        database.revive();
        awaitQueries();
        for (var id : ids) {
            var events = ledger.events(id);
            acknowledged.forEach((step, answer) -> {
                if (step.startsWith(id)) {
                    var event = events.get((int) answer.version() - 1);
                    assertThat(event.path("position").asLong()).isEqualTo(answer.position());
                    assertThat(id + " " + event.path("payload").path("stepId").asString())
                            .isEqualTo(step);
                }
            });
            var sent = acknowledged.keySet().stream()
                            .filter(step -> step.startsWith(id))
                            .count()
                    + 1;
            for (var i = 0; i < sent; i++) {
                ledger.command(of(id, "steps"), "{'stepId': 's" + i + "'}");
            }
            assertThat(ledger.events(id)).hasSize((int) sent + 1);
            assertThat(ledger.get(of(id)).number("stepCounts.PENDING")).isEqualTo(sent);
        }
    }
}
