package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.EventLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import tools.jackson.databind.JsonNode;

class RebuildingTest {

    private static final Instant T = Instant.parse("2026-01-01T00:00:00.123456Z");
    private static final String READ_MODEL = "/api/v1/projections/read-model";

    private static Map<String, List<String>> rows(ReadSide readSide) {
        var rows = new LinkedHashMap<String, List<String>>();
        for (var table : ReadModelSchema.TABLES) {
            rows.put(
                    table,
                    readSide.jdbc()
                            .sql("select t::text from read_model." + table + " t order by t::text")
                            .query(String.class)
                            .list());
        }
        return rows;
    }

    private static JsonNode readModel(ReadSide readSide) {
        var answer = readSide.get(READ_MODEL);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String rebuild(ReadSide readSide, String reason) {
        var answer = readSide.post(READ_MODEL + "/rebuild", "{'reason': '" + reason + "'}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().get("id").asString();
    }

    /** The rebuild {@code id} when it has ended well. */
    private static JsonNode done(ReadSide readSide, String id) {
        await().atMost(Duration.ofMinutes(3)).until(() -> {
            var rebuild = readModel(readSide).get("rebuild");
            assertThat(rebuild.get("id").asString()).isEqualTo(id);
            return !rebuild.get("state").asString().equals("RUNNING");
        });
        var rebuild = readModel(readSide).get("rebuild");
        assertThat(rebuild.get("state").asString()).as(rebuild.toString()).isEqualTo("DONE");
        return rebuild;
    }

    private static void hasNoDrift(JsonNode rebuild) {
        for (var kind : List.of("missing", "extra", "different")) {
            assertThat(rebuild.at("/drift/" + kind).asLong(-1))
                    .as(rebuild.toString())
                    .isZero();
        }
    }

    private static ExecutionId id(int number) {
        return new ExecutionId("default", new UUID(0x0198c0de00007000L, 0x8000000000000000L + number));
    }

    private static void startAndComplete(ReadSide readSide, ExecutionId id) {
        readSide.append(
                id,
                T,
                new ExecutionStarted(
                        new ExecutionDetails(
                                "w",
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                Map.of("k", "v"),
                                null,
                                null,
                                null,
                                null),
                        null),
                new StepStarted("a", 1, 1, null, StepDetails.NONE),
                new StepCompleted("a", 1, 1, null),
                new ExecutionCompleted(null));
    }

    @Nested
    class ARebuild {

        @Test
        void bringsTheSameRowsOfAnyExecutionsAsOftenAsItIsDone() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                new RandomLives(1).live(readSide, 1_000);
                readSide.settle();
                var rows = rows(readSide);
                assertThat(rows.get("steps")).hasSizeGreaterThan(1_000);
                for (var reason : List.of("first", "second", "third")) {
                    var rebuild = done(readSide, rebuild(readSide, reason));
                    assertThat(rebuild.get("reason").asString()).isEqualTo(reason);
                    hasNoDrift(rebuild);
                    assertThat(rebuild.at("/drift/executions").asLong()).isGreaterThan(999);
                    assertThat(rows(readSide)).isEqualTo(rows);
                }
                startAndComplete(readSide, id(1));
                readSide.settle();
                assertThat(readSide.get("/api/v1/executions/" + id(1).id()).status())
                        .isEqualTo(200);
                await().until(() -> readSide.jdbc()
                        .sql(
                                "select to_regnamespace('read_model_old') is null and to_regnamespace('read_model_next') is null")
                        .query(Boolean.class)
                        .single());
            }
        }

        @Test
        void namesTheRowsThatItHeals() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                startAndComplete(readSide, id(2));
                readSide.settle();
                var rows = rows(readSide);
                readSide.jdbc()
                        .sql("update read_model.steps set status = 'FAILED', step_order = 7 where execution_id = :id")
                        .param("id", id(1).id())
                        .update();
                readSide.jdbc()
                        .sql("delete from read_model.execution_tags where execution_id = :id")
                        .param("id", id(2).id())
                        .update();
                readSide.jdbc()
                        .sql(
                                "insert into read_model.execution_tags select namespace, execution_id, 'no', 'one', 1, created_at"
                                        + " from read_model.executions where execution_id = :id")
                        .param("id", id(1).id())
                        .update();
                var drift = done(readSide, rebuild(readSide, "repair")).get("drift");
                assertThat(drift.get("missing").asLong()).isEqualTo(1);
                assertThat(drift.get("extra").asLong()).isEqualTo(1);
                assertThat(drift.get("different").asLong()).isEqualTo(1);
                var different = drift.get("examples")
                        .valueStream()
                        .filter(example -> example.get("drift").asString().equals("DIFFERENT"))
                        .findFirst()
                        .orElseThrow();
                assertThat(different.get("table").asString()).isEqualTo("steps");
                assertThat(different.get("executionId").asString())
                        .isEqualTo(id(1).id().toString());
                assertThat(different.at("/key/stepId").asString()).isEqualTo("a");
                assertThat(different.get("fields").valueStream().map(JsonNode::asString))
                        .containsExactly("stepOrder", "status");
                assertThat(rows(readSide)).isEqualTo(rows);
                hasNoDrift(done(readSide, rebuild(readSide, "once more")));
            }
        }

        @Test
        void isOneAtATimeAndCanBeCancelled() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                new RandomLives(2).live(readSide, 200);
                readSide.settle();
                var rows = rows(readSide);
                assertThat(readSide.delete(READ_MODEL + "/rebuild").status()).isEqualTo(404);
                // Nobody can replace the tables while this holds their token.
                try (var connection = readSide.database().application().getConnection()) {
                    connection.setAutoCommit(false);
                    try (var statement = connection.createStatement()) {
                        statement.execute("select position from read_model.projection_token for update");
                        rebuild(readSide, "one");
                        assertThat(readSide.post(READ_MODEL + "/rebuild", "").status())
                                .isEqualTo(409);
                        var cancelled = readSide.delete(READ_MODEL + "/rebuild");
                        assertThat(cancelled.status()).isEqualTo(200);
                        assertThat(cancelled.json().get("state").asString()).isEqualTo("CANCELLED");
                    }
                    connection.rollback();
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
                hasNoDrift(done(readSide, rebuild(readSide, "another")));
                assertThat(rows(readSide)).isEqualTo(rows);
            }
        }

        @Test
        void refusesABodyThatItDoesNotUnderstand() {
            try (var readSide = ReadSide.fresh()) {
                for (var body : List.of("[]", "{", "{'reasons': 'x'}", "{'reason': ''}", "{'reason': 1}")) {
                    assertThat(readSide.post(READ_MODEL + "/rebuild", body).status())
                            .as(body)
                            .isEqualTo(400);
                }
            }
        }

        /**
         * Its connection is cut again and again, at any point, while others write and read: nobody sees a row missing
         * or half, and it ends without drift.
         */
        @Test
        void survivesBeingKilledAtAnyPointWhileOthersWriteAndRead() throws Exception {
            var over = new AtomicBoolean();
            try (var readSide = ReadSide.fresh();
                    var others = Executors.newVirtualThreadPerTaskExecutor();
                    AutoCloseable stop = () -> over.set(true)) {
                new RandomLives(3).live(readSide, 1_000);
                startAndComplete(readSide, id(0));
                readSide.settle();
                var path = "/api/v1/executions/" + id(0).id() + "?include=steps,artifacts";
                var whole = readSide.get(path).text();
                var written = new AtomicInteger();
                var seen = new AtomicInteger();
                var last = new AtomicReference<ExecutionId>(id(0));
                var writing = others.submit(() -> {
                    while (!over.get()) {
                        var next = id(1_000 + written.get());
                        startAndComplete(readSide, next);
                        readSide.append(next, T, new ExecutionAmended(Map.of("n", "1"), null));
                        last.set(next);
                        written.incrementAndGet();
                    }
                });
                var reading = others.submit(() -> {
                    while (!over.get()) {
                        var answer = readSide.get(path);
                        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                        assertThat(answer.text()).isEqualTo(whole);
                        var reached = Long.parseLong(answer.headers().get("Runledger-Position"));
                        var justWritten = last.get();
                        var head = readSide.bean(EventLog.class).head().position();
                        var fresh = readSide.get(
                                "/api/v1/executions/" + justWritten.id(), "Runledger-Min-Position", "" + head);
                        if (fresh.status() == 503) {
                            assertThat(fresh.text()).contains("has reached position");
                        } else {
                            assertThat(fresh.status()).as(fresh.text()).isEqualTo(200);
                            assertThat(fresh.json().get("status").asString()).isEqualTo("COMPLETED");
                        }
                        var list = readSide.get("/api/v1/executions?limit=5&sort=createdAt");
                        assertThat(list.items()).hasSize(5);
                        assertThat(Long.parseLong(list.headers().get("Runledger-Position")))
                                .isGreaterThanOrEqualTo(reached);
                        seen.incrementAndGet();
                    }
                });
                var random = new Random(5);
                var id = rebuild(readSide, "under fire");
                var kills = 0;
                for (var attempt = 0; attempt < 200 && kills < 10; attempt++) {
                    var pause = Duration.ofMillis(random.nextInt(300));
                    await().pollDelay(pause).until(() -> true);
                    kills += killWorker(readSide);
                    if (!readModel(readSide).at("/rebuild/state").asString().equals("RUNNING")) {
                        id = rebuild(readSide, "again");
                    }
                }
                assertThat(kills).isEqualTo(10);
                hasNoDrift(done(readSide, id));
                over.set(true);
                writing.get();
                reading.get();
                readSide.settle();
                assertThat(seen).hasPositiveValue();
                assertThat(written).hasPositiveValue();
                var rows = rows(readSide);
                hasNoDrift(done(readSide, rebuild(readSide, "last")));
                assertThat(rows(readSide)).isEqualTo(rows);
            }
        }

        /** Ends the worker's connection; answers 1 when there was one and the rebuild has to go on. */
        private int killWorker(ReadSide readSide) {
            var killed = readSide.jdbc().sql("""
                            select count(*)
                            from (
                              select pg_terminate_backend(pid) as killed
                              from pg_locks
                              where locktype = 'advisory'
                                and database = (select oid from pg_database where datname = current_database())
                                and classid = x'72756e6c'::bigint::oid
                                and objid = x'65646e78'::bigint::oid
                            ) as worker
                            where killed
                            """).query(Integer.class).single();
            return killed > 0
                            && readModel(readSide)
                                    .at("/rebuild/state")
                                    .asString()
                                    .equals("RUNNING")
                    ? 1
                    : 0;
        }

        @Test
        void endsWhileOthersWriteAsFastAsTheyCan() throws Exception {
            var over = new AtomicBoolean();
            try (var readSide = ReadSide.fresh();
                    var others = Executors.newVirtualThreadPerTaskExecutor();
                    AutoCloseable stop = () -> over.set(true)) {
                new RandomLives(9).live(readSide, 500);
                var writing = others.submit(() -> {
                    for (var from = 0; !over.get(); from += 50) {
                        var events = new ArrayList<ReadSide.Said>();
                        for (var n = from; n < from + 50; n++) {
                            events.add(new ReadSide.Said(id(n), T, new ExecutionStarted(ExecutionDetails.NONE, null)));
                            events.add(new ReadSide.Said(id(n), T, new ExecutionCompleted(null)));
                        }
                        readSide.append(events);
                    }
                });
                hasNoDrift(done(readSide, rebuild(readSide, "in a storm")));
                assertThat(writing.isDone()).isFalse();
                over.set(true);
                writing.get();
            }
        }

        @Test
        void isGoneOnWithByTheNextStart() throws InterruptedException {
            var first = ReadSide.fresh();
            new RandomLives(4).live(first, 300);
            first.settle();
            var rows = rows(first);
            var id = rebuild(first, "soon");
            first.stop();
            try (var second = ReadSide.over(first.database())) {
                hasNoDrift(done(second, id));
                assertThat(rows(second)).isEqualTo(rows);
            }
        }
    }

    @Nested
    class AVerification {

        private JsonNode verify(ReadSide readSide, String body) {
            var answer = readSide.post(READ_MODEL + "/verify", body);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            return answer.json();
        }

        private void finds(JsonNode report, long missing, long extra, long different) {
            assertThat(List.of(
                            report.get("missing").asLong(),
                            report.get("extra").asLong(),
                            report.get("different").asLong()))
                    .as(report.toString())
                    .containsExactly(missing, extra, different);
        }

        @Test
        void findsNothingInTablesThatHoldWhatTheLogSaysWhileItGrows() throws Exception {
            var over = new AtomicBoolean();
            try (var readSide = ReadSide.fresh();
                    var others = Executors.newVirtualThreadPerTaskExecutor();
                    AutoCloseable stop = () -> over.set(true)) {
                new RandomLives(6).live(readSide, 700);
                readSide.settle();
                var writing = others.submit(() -> {
                    for (var n = 0; !over.get(); n++) {
                        startAndComplete(readSide, id(n));
                    }
                });
                var report = verify(readSide, "");
                finds(report, 0, 0, 0);
                assertThat(report.get("kind").asString()).isEqualTo("FULL");
                assertThat(report.get("executions").asLong()).isGreaterThanOrEqualTo(700);
                finds(verify(readSide, "{'sample': 50}"), 0, 0, 0);
                over.set(true);
                writing.get();
                assertThat(readModel(readSide).at("/drift/kind").asString()).isEqualTo("SAMPLE");
            }
        }

        @Test
        void namesTheRowThatSomebodyChanged() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                for (var n = 1; n <= 5; n++) {
                    startAndComplete(readSide, id(n));
                }
                readSide.settle();
                readSide.jdbc()
                        .sql("update read_model.steps set output = '1', started_at = null where execution_id = :id")
                        .param("id", id(3).id())
                        .update();
                readSide.jdbc()
                        .sql("delete from read_model.step_attempts where execution_id = :id")
                        .param("id", id(4).id())
                        .update();
                readSide.jdbc()
                        .sql("update read_model.execution_tags set namespace = 'none' where execution_id = :id")
                        .param("id", id(5).id())
                        .update();
                for (var body : List.of("", "{'sample': 200}")) {
                    var report = verify(readSide, body);
                    finds(report, 2, body.isEmpty() ? 1 : 0, 1);
                    var changed = report.get("examples")
                            .valueStream()
                            .filter(example -> example.get("drift").asString().equals("DIFFERENT"))
                            .findFirst()
                            .orElseThrow();
                    assertThat(changed.get("table").asString()).isEqualTo("steps");
                    assertThat(changed.get("executionId").asString())
                            .isEqualTo(id(3).id().toString());
                    assertThat(changed.get("fields").valueStream().map(JsonNode::asString))
                            .containsExactly("output", "startedAt");
                }
                assertThat(readSide.bean(io.micrometer.core.instrument.MeterRegistry.class)
                                .get("runledger.projection.drift")
                                .gauge()
                                .value())
                        .isEqualTo(3);
                hasNoDriftAfter(readSide);
            }
        }

        private void hasNoDriftAfter(ReadSide readSide) throws InterruptedException {
            done(readSide, rebuild(readSide, "heal"));
            finds(verify(readSide, ""), 0, 0, 0);
        }

        @Test
        void takesASampleOrNothing() {
            try (var readSide = ReadSide.fresh()) {
                for (var body : List.of("{'sample': 0}", "{'sample': 'x'}", "{'some': 1}")) {
                    assertThat(readSide.post(READ_MODEL + "/verify", body).status())
                            .as(body)
                            .isEqualTo(400);
                }
                finds(verify(readSide, "{'sample': 10}"), 0, 0, 0);
            }
        }
    }

    @Nested
    class TheProjection {

        @Test
        void tellsHowFarItIs() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                await().untilAsserted(() -> {
                    var readModel = readModel(readSide);
                    assertThat(readModel.get("state").asString()).isEqualTo("RUNNING");
                    assertThat(readModel.get("position").asLong()).isEqualTo(4);
                    assertThat(readModel.get("head").asLong()).isEqualTo(4);
                    assertThat(readModel.get("lagEvents").asLong()).isZero();
                    assertThat(readModel.get("lagMs").asLong()).isZero();
                    assertThat(readModel.get("lastError").isNull()).isTrue();
                    assertThat(readModel.get("rebuild").isNull()).isTrue();
                    assertThat(readModel.get("rows").has("steps")).isTrue();
                });
                assertThat(readSide.get("/api/v1/projections")
                                .items()
                                .getFirst()
                                .get("name")
                                .asString())
                        .isEqualTo("read-model");
            }
        }

        @Test
        void standsStillWhileItIsPausedAlsoAfterARebuild() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                var paused = readSide.post(READ_MODEL + "/pause", "");
                assertThat(paused.status()).isEqualTo(200);
                assertThat(paused.json().get("state").asString()).isEqualTo("PAUSED");
                startAndComplete(readSide, id(2));
                done(readSide, rebuild(readSide, "while paused"));
                startAndComplete(readSide, id(3));
                await().untilAsserted(() -> {
                    var readModel = readModel(readSide);
                    assertThat(readModel.get("state").asString()).isEqualTo("PAUSED");
                    assertThat(readModel.get("lagEvents").asLong()).isEqualTo(4);
                    assertThat(readModel.get("lagMs").asLong()).isPositive();
                });
                assertThat(readSide.get("/api/v1/executions/" + id(2).id()).status())
                        .isEqualTo(200);
                var resumed = readSide.post(READ_MODEL + "/resume", "");
                assertThat(resumed.status()).isEqualTo(200);
                assertThat(resumed.json().get("state").asString()).isNotEqualTo("PAUSED");
                readSide.settle();
                assertThat(readSide.get("/api/v1/executions/" + id(3).id()).status())
                        .isEqualTo(200);
            }
        }
    }

    @Nested
    class APoisonEvent {

        @Test
        void isNamedAndSkippedWhenAPersonDecidesIt() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                // Contents that no code understands.
                readSide.database().asSuperuser("""
                        insert into event_log.event
                        select 5, namespace, stream, 5, gen_random_uuid(), type, revision, occurred_at, recorded_at,
                          metadata, '{"forgotten":1}'::json, payload_salt, payload_hash, digest, hash
                        from event_log.event
                        where position = 4;
                        update event_log.head set position = 5;
                        """);
                var health = readSide.bean(HealthIndicator.class);
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    assertThat(health.health()).returns(Status.DOWN, Health::getStatus);
                    assertThat(readModel(readSide).at("/lastError/position").asLong())
                            .isEqualTo(5);
                    assertThat(readModel(readSide).get("state").asString()).isEqualTo("STOPPED");
                });
                assertThat(readSide.post(READ_MODEL + "/skip", "{}").status()).isEqualTo(400);
                assertThat(readSide.post(READ_MODEL + "/skip", "{'position': 4, 'reason': 'x'}")
                                .status())
                        .isEqualTo(409);
                var failing = rebuild(readSide, "does not help");
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    var rebuild = readModel(readSide).get("rebuild");
                    assertThat(rebuild.get("id").asString()).isEqualTo(failing);
                    assertThat(rebuild.get("state").asString()).isEqualTo("FAILED");
                    assertThat(rebuild.get("failedPosition").asLong()).isEqualTo(5);
                });
                assertThat(readSide.post(READ_MODEL + "/skip", "{'position': 5, 'reason': 'known'}")
                                .status())
                        .isEqualTo(200);
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    assertThat(readSide.bean(ReadModelPosition.class).lastKnown())
                            .isEqualTo(5);
                    assertThat(health.health()).returns(Status.UP, Health::getStatus);
                    assertThat(readModel(readSide).get("state").asString()).isEqualTo("RUNNING");
                });
                assertThat(readModel(readSide).at("/skipped/0/reason").asString())
                        .isEqualTo("known");
                assertThat(readSide.post(READ_MODEL + "/skip", "{'reason': 'more'}")
                                .status())
                        .isEqualTo(409);
                var rows = rows(readSide);
                hasNoDrift(done(readSide, rebuild(readSide, "skips it too")));
                assertThat(rows(readSide)).isEqualTo(rows);
            }
        }
    }
}
