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
import dev.runledger.query.ReadSide.Said;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** What may go wrong around the tables, and what people may do about it. */
@Timeout(180)
class RebuildFaultsTest {

    private static final Instant T = Instant.parse("2026-01-01T00:00:00.123456Z");
    private static final String READ_MODEL = "/api/v1/projections/read-model";

    private static ExecutionId id(int number) {
        return new ExecutionId("default", new UUID(0x0198c0de00007000L, 0x8000000000000000L + number));
    }

    private static ExecutionStarted started() {
        return new ExecutionStarted(
                new ExecutionDetails(
                        "w", null, null, null, null, null, null, null, Map.of("k", "v"), null, null, null, null),
                null);
    }

    /** Four events. */
    private static void startAndComplete(ReadSide readSide, ExecutionId id) {
        readSide.append(
                id,
                T,
                started(),
                new StepStarted("a", 1, 1, null, StepDetails.NONE),
                new StepCompleted("a", 1, 1, null),
                new ExecutionCompleted(null));
    }

    private static JsonNode readModel(ReadSide readSide) {
        var answer = readSide.get(READ_MODEL);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String rebuild(ReadSide readSide) {
        var answer = readSide.post(READ_MODEL + "/rebuild", "{'reason': 'test'}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().get("id").asString();
    }

    private static JsonNode ended(ReadSide readSide, String id, String state) {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            var rebuild = readModel(readSide).get("rebuild");
            assertThat(rebuild.get("id").asString()).isEqualTo(id);
            assertThat(rebuild.get("state").asString()).as(rebuild.toString()).isEqualTo(state);
        });
        return readModel(readSide).get("rebuild");
    }

    private static List<Long> found(JsonNode report) {
        return List.of(
                report.get("missing").asLong(),
                report.get("extra").asLong(),
                report.get("different").asLong());
    }

    /** Adds an event to the log that no code of today would, in the stream of the last one or in {@code stream}. */
    private static void log(ReadSide readSide, String type, String payload, String stream) {
        readSide.database().asSuperuser("""
                insert into event_log.event
                select head.position + 1, namespace, %1$s, case when %1$s = stream then version + 1 else 1 end,
                  gen_random_uuid(), '%2$s', revision, occurred_at, event.recorded_at, metadata, '%3$s'::json,
                  payload_salt, payload_hash, digest, event.hash
                from event_log.event, event_log.head
                where stream like 'execution/%%'
                order by event.position desc
                limit 1;
                update event_log.head set position = position + 1;
                """.formatted(stream, type, payload));
    }

    private static void stopsAt(ReadSide readSide, long position) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            var readModel = readModel(readSide);
            assertThat(readModel.at("/lastError/position").asLong())
                    .as(readModel.toString())
                    .isEqualTo(position);
            assertThat(readModel.get("state").asString()).isEqualTo("STOPPED");
            assertThat(readSide.bean(HealthIndicator.class).health()).returns(Status.DOWN, Health::getStatus);
        });
    }

    private static void runsAt(ReadSide readSide, long position) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            var readModel = readModel(readSide);
            assertThat(readModel.get("state").asString())
                    .as(readModel.toString())
                    .isEqualTo("RUNNING");
            assertThat(readModel.get("position").asLong()).isEqualTo(position);
        });
    }

    /** Does something while nobody can replace the tables, since another transaction holds their token. */
    private static void whileTheTokenIsHeld(ReadSide readSide, Held action) throws Exception {
        try (var connection = readSide.database().application().getConnection()) {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.execute("select position from read_model.projection_token for update");
            }
            action.on(connection);
            connection.commit();
        }
    }

    private interface Held {
        void on(Connection connection) throws Exception;
    }

    private static void untilItWantsToReplaceTheTables(ReadSide readSide) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> readSide.jdbc().sql("""
                        select exists (
                          select
                          from pg_stat_activity
                          where wait_event_type = 'Lock'
                            and query like 'select position from read_model.projection_token%for update')
                        """).query(Boolean.class).single());
    }

    @Nested
    class ARebuild {

        @Test
        void outlastsWhoeverHoldsTheTablesThatItReplaces() throws Exception {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                var id = new ArrayList<String>();
                whileTheTokenIsHeld(readSide, connection -> {
                    id.add(rebuild(readSide));
                    await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
                    assertThat(readModel(readSide).at("/rebuild/state").asString())
                            .isEqualTo("RUNNING");
                });
                assertThat(found(ended(readSide, id.getFirst(), "DONE").get("drift")))
                        .containsExactly(0L, 0L, 0L);
            }
        }

        @Test
        void comparesEveryRowAlsoWhereThereAreThousandsOfExecutions() throws Exception {
            try (var readSide = ReadSide.fresh()) {
                for (var from = 0; from < 4_500; from += 500) {
                    var events = new ArrayList<Said>();
                    for (var n = from; n < from + 500; n++) {
                        events.add(new Said(id(n), T, started()));
                        events.add(new Said(id(n), T, new ExecutionCompleted(null)));
                    }
                    readSide.append(events);
                }
                readSide.settle();
                readSide.jdbc()
                        .sql("update read_model.executions set attempt = 7 where execution_id = any(:ids)")
                        .param("ids", new UUID[] {
                            id(0).id(),
                            id(1_999).id(),
                            id(2_000).id(),
                            id(4_499).id()
                        })
                        .update();
                readSide.jdbc()
                        .sql("delete from read_model.execution_states where execution_id = :id")
                        .param("id", id(3_000).id())
                        .update();
                readSide.jdbc().sql("""
                                insert into read_model.execution_tags
                                select n, gen_random_uuid(), 'no', 'one', 1, now()
                                from unnest(array['a', 'default', 'z']) as t(n)
                                """).update();
                var drift = ended(readSide, rebuild(readSide), "DONE").get("drift");
                assertThat(found(drift)).as(drift.toString()).containsExactly(2L, 3L, 4L);
                assertThat(drift.get("executions").asLong()).isEqualTo(4_500);
                assertThat(readSide.bean(io.micrometer.core.instrument.MeterRegistry.class)
                                .get("runledger.projection.drift")
                                .gauge()
                                .value())
                        .isEqualTo(9);
            }
        }

        @Test
        void startsOverWhenSomebodyDecidesToSkipWhatItHasPassed() throws Exception {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.append(id(1), T, new ExecutionAmended(Map.of("late", "1"), null));
                readSide.settle();
                var id = new ArrayList<String>();
                whileTheTokenIsHeld(readSide, connection -> {
                    id.add(rebuild(readSide));
                    untilItWantsToReplaceTheTables(readSide);
                    readSide.jdbc().sql("""
                            insert into operations.projection_skip
                            values ('read-model', 5, 'so decided', 'none', now())
                            """).update();
                });
                ended(readSide, id.getFirst(), "DONE");
                assertThat(readSide.get("/api/v1/executions/" + id(1).id())
                                .json()
                                .get("tags")
                                .has("late"))
                        .isFalse();
                assertThat(readSide.delete(READ_MODEL + "/skip/5").status()).isEqualTo(200);
                assertThat(readSide.delete(READ_MODEL + "/skip/5").status()).isEqualTo(404);
                assertThat(readSide.delete(READ_MODEL + "/skip/x").status()).isEqualTo(400);
                ended(readSide, rebuild(readSide), "DONE");
                assertThat(readSide.get("/api/v1/executions/" + id(1).id())
                                .json()
                                .get("tags")
                                .has("late"))
                        .isTrue();
            }
        }

        @Test
        void ofOtherCodeIsEndedByWhoeverWantsTheNextOne() {
            try (var readSide = ReadSide.fresh()) {
                ofOtherCode(readSide);
                assertThat(readSide.delete(READ_MODEL + "/rebuild").status()).isEqualTo(200);
                assertThat(readModel(readSide).at("/rebuild/state").asString()).isEqualTo("CANCELLED");
                ofOtherCode(readSide);
                ended(readSide, rebuild(readSide), "DONE");
            }
        }

        private void ofOtherCode(ReadSide readSide) {
            readSide.jdbc().sql("""
                    insert into operations.projection_rebuild (
                      id, projection, reason, state, code_version, requested_at, position, head, rows_read)
                    values (gen_random_uuid(), 'read-model', 'newer', 'RUNNING', '999', now(), 0, 0, 0)
                    """).update();
        }

        @Test
        void leavesNothingBehindForLong() {
            try (var readSide = ReadSide.fresh()) {
                for (var schema : List.of("read_model_old", "read_model_next")) {
                    readSide.jdbc().sql("create schema " + schema).update();
                    readSide.jdbc()
                            .sql("create table " + schema + ".steps (n int)")
                            .update();
                }
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> readSide.jdbc()
                                .sql(
                                        "select to_regnamespace('read_model_old') is null and to_regnamespace('read_model_next') is null")
                                .query(Boolean.class)
                                .single());
            }
        }
    }

    @Nested
    class APause {

        @Test
        void holdsAlsoWhenOtherTablesTakeThePlaceOfThosePaused() throws Exception {
            try (var readSide = ReadSide.fresh();
                    var others = Executors.newVirtualThreadPerTaskExecutor()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                var pausing = new ArrayList<java.util.concurrent.Future<Integer>>();
                whileTheTokenIsHeld(readSide, connection -> {
                    pausing.add(others.submit(
                            () -> readSide.post(READ_MODEL + "/pause", "").status()));
                    await().atMost(Duration.ofSeconds(30)).until(() -> waitsForTheToken(connection));
                    try (var statement = connection.createStatement()) {
                        statement.execute("alter schema read_model rename to read_model_gone");
                        statement.execute("create schema read_model");
                        statement.execute(
                                "create table read_model.projection_token as select * from read_model_gone.projection_token");
                    }
                });
                pausing.getFirst().get();
                assertThat(readSide.jdbc()
                                .sql("select paused_at is not null from read_model.projection_token")
                                .query(Boolean.class)
                                .single())
                        .isTrue();
            }
        }

        private boolean waitsForTheToken(Connection connection) throws SQLException {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery(
                            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%set paused_at%'")) {
                rows.next();
                return rows.getInt(1) == 1;
            }
        }
    }

    @Nested
    @ExtendWith(OutputCaptureExtension.class)
    class APoisonEvent {

        @Test
        void ofAnUnknownTypeIsNamedAndSkippedInAnExecutionAndPassedOverElsewhere(CapturedOutput output)
                throws Exception {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                log(readSide, "SomethingForeign", "{}", "'orders/7'");
                runsAt(readSide, 5);
                log(readSide, "NotKnownToday", "{\"hidden\": \"very-secret\"}", "stream");
                stopsAt(readSide, 6);
                assertThat(readModel(readSide).at("/lastError/reason").asString())
                        .contains("NotKnownToday");
                assertThat(readSide.post(READ_MODEL + "/skip", "{'reason': 'of tomorrow'}")
                                .status())
                        .isEqualTo(200);
                runsAt(readSide, 6);
                ended(readSide, rebuild(readSide), "DONE");
                assertThat(output.getAll()).doesNotContain("very-secret");
            }
        }

        @Test
        void keepsItsContentsOutOfTheLogs(CapturedOutput output) throws Exception {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                log(readSide, "StepCompleted", "{\"stepId\": \"a\", \"iteration\": \"very-secret\"}", "stream");
                stopsAt(readSide, 5);
                ended(readSide, rebuild(readSide), "FAILED");
                assertThat(output.getAll()).contains("the projection stops").doesNotContain("very-secret");
            }
        }

        @Test
        void isToldWhereItKeepsLostTablesFromComingBack() throws Exception {
            try (var readSide = ReadSide.fresh()) {
                startAndComplete(readSide, id(1));
                readSide.settle();
                log(readSide, "StepCompleted", "[]", "stream");
                stopsAt(readSide, 5);
                readSide.jdbc().sql("drop schema read_model cascade").update();
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    var answer = readSide.get("/api/v1/executions");
                    assertThat(answer.status()).isEqualTo(503);
                    assertThat(answer.text()).contains("does not go on", "position 5");
                });
                stopsAt(readSide, 5);
                assertThat(readSide.post(READ_MODEL + "/skip", "{'reason': 'known'}")
                                .status())
                        .isEqualTo(200);
                runsAt(readSide, 5);
            }
        }

        @Test
        void isNotSkippedWhereRowsAndNotTheEventAreToBlame() throws Exception {
            try (var readSide = ReadSide.fresh()) {
                readSide.append(id(1), T, started(), new StepStarted("a", 1, 1, null, StepDetails.NONE));
                readSide.settle();
                readSide.jdbc()
                        .sql("update read_model.executions set version = 1")
                        .update();
                readSide.append(id(1), T, new StepCompleted("a", 1, 1, null));
                stopsAt(readSide, 3);
                var refused = readSide.post(READ_MODEL + "/skip", "{'reason': 'why not'}");
                assertThat(refused.status()).isEqualTo(409);
                assertThat(refused.text()).contains("rebuild");
                ended(readSide, rebuild(readSide), "DONE");
                runsAt(readSide, 3);
                assertThat(readModel(readSide).get("skipped").size()).isZero();
            }
        }
    }

    @Nested
    class AVerification {

        @Test
        void isDoneEveryNightAndMeasured() {
            var now = LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES);
            try (var readSide = ReadSide.with(Map.of("runledger.projection.nightly-at", now.toString()))) {
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    assertThat(readModel(readSide).at("/drift/kind").asString()).isEqualTo("SAMPLE");
                    assertThat(readSide.bean(io.micrometer.core.instrument.MeterRegistry.class)
                                    .get("runledger.projection.drift")
                                    .gauge()
                                    .value())
                            .isZero();
                });
            }
        }

        @Test
        void isOneAtATimeOverAllNodes() throws Exception {
            try (var readSide = ReadSide.fresh();
                    var connection = readSide.database().application().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("select pg_advisory_lock(" + 0x72756e6c65647665L + ")");
                assertThat(readSide.post(READ_MODEL + "/verify", "").status()).isEqualTo(409);
                statement.execute("select pg_advisory_unlock_all()");
                assertThat(readSide.post(READ_MODEL + "/verify", "").status()).isEqualTo(200);
            }
        }
    }

    @Nested
    class ABody {

        @Test
        void isRefusedWhenItIsTooLargeOrNoText() {
            try (var readSide = ReadSide.fresh()) {
                var large = "{'reason': '" + "x".repeat(1 << 20) + "'}";
                assertThat(readSide.post(READ_MODEL + "/rebuild", large).status())
                        .isEqualTo(413);
                assertThat(readSide.post(READ_MODEL + "/rebuild", "{'reason': 'a\\ud800b'}")
                                .status())
                        .isEqualTo(400);
                assertThat(readSide.post(READ_MODEL + "/rebuild", "{'reason': '\\ud83d\\ude00'}")
                                .status())
                        .isEqualTo(202);
            }
        }
    }

    @Nested
    class TwoNodes {

        @Test
        void shareOneProjectionAndOneRebuild() throws Exception {
            try (var one = ReadSide.fresh()) {
                var other = ReadSide.over(one.database());
                try {
                    startAndComplete(one, id(1));
                    one.settle();
                    other.settle();
                    var id = rebuild(other);
                    assertThat(found(ended(one, id, "DONE").get("drift"))).containsExactly(0L, 0L, 0L);
                    startAndComplete(one, id(2));
                    one.settle();
                    other.settle();
                    for (var node : List.of(one, other)) {
                        assertThat(node.get("/api/v1/executions").items()).hasSize(2);
                        runsAt(node, 8);
                    }
                    assertThat(readModel(one).get("node"))
                            .isEqualTo(readModel(other).get("node"));
                } finally {
                    other.stop();
                }
            }
        }
    }
}
