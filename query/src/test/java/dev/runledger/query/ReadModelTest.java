package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCancelled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
import dev.runledger.events.execution.ExecutionEvent.ExecutionFailed;
import dev.runledger.events.execution.ExecutionEvent.ExecutionRetried;
import dev.runledger.events.execution.ExecutionEvent.ExecutionScheduled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCancelled;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepReopened;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.Erasure;
import dev.runledger.eventstore.EventLogMigrations;
import dev.runledger.eventstore.StreamId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

class ReadModelTest {

    private static final Instant T = Instant.parse("2026-01-01T00:00:00.123456Z");

    private static final List<String> TABLES = List.of(
            "executions", "execution_tags", "execution_states", "steps", "step_attempts", "artifacts", "checkpoints");

    private static Map<String, List<String>> rows(ReadSide readSide) {
        var rows = new LinkedHashMap<String, List<String>>();
        for (var table : TABLES) {
            rows.put(
                    table,
                    readSide.jdbc()
                            .sql("select t::text from read_model." + table + " t order by t::text")
                            .query(String.class)
                            .list());
        }
        return rows;
    }

    private static ExecutionId id(int number) {
        return new ExecutionId("default", new UUID(0x0198c0de00007000L, 0x8000000000000000L + number));
    }

    private static ExecutionDetails details(String workflow) {
        return new ExecutionDetails(
                workflow,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of("k", workflow),
                Json.of("{\"a\":1}"),
                Json.of("1.10"),
                null,
                1_000L);
    }

    /** Lives of executions with every kind of event, in a mix that depends on {@code seed} alone. */
    private static void live(ReadSide readSide, int executions, int seed) {
        var random = new Random(seed);
        for (var i = 0; i < executions; i++) {
            var id = id(i);
            readSide.append(
                    id,
                    T,
                    new ExecutionScheduled(details("w" + i % 3), List.of("a", "b")),
                    new StepScheduled("a", 1, StepDetails.NONE),
                    new StepScheduled(
                            "b",
                            1,
                            new StepDetails("B", "task", 2, List.of("a"), 1, null, null, Json.of("2.0"), null)));
        }
        for (var i = 0; i < executions; i++) {
            var id = id(i);
            var at = T.plusMillis(random.nextInt(5_000));
            readSide.append(
                    id,
                    at,
                    new ExecutionStarted(ExecutionDetails.NONE, null),
                    new StepStarted("a", 1, 1, "agent", StepDetails.NONE));
            readSide.append(
                    id,
                    at.plusMillis(random.nextInt(100) - 20),
                    new StepFailed("a", 1, 1, new Failure("no", "Error", null, null), null, true, at),
                    new StepStarted("a", 1, 2, null, StepDetails.NONE),
                    new ArtifactRecorded("f", "a", 1, "data", "x", null, "/x", null, null, null, null),
                    new CheckpointRecorded("c", null, null, Json.of("{}")));
            if (random.nextBoolean()) {
                readSide.append(
                        id,
                        at.plusMillis(100),
                        new StepCompleted("a", 1, 2, Json.of("{\"n\":1.0}")),
                        new StepStarted("b", 1, 1, null, StepDetails.NONE),
                        new StepCompleted("b", 1, 1, null),
                        new ExecutionCompleted(Json.of("3.00")),
                        new ExecutionAmended(Map.of("k", "changed", "more", "x"), Json.of("{\"b\":null,\"c\":2}")));
            } else {
                readSide.append(
                        id,
                        at.plusMillis(100),
                        new StepCancelled("a", 1, null),
                        new StepCancelled("b", 1, null),
                        new ExecutionFailed(new Failure("bad", "IO", "at x", null)),
                        new ExecutionRetried(2, null, null, null, null),
                        new StepReopened("a", 1),
                        new StepReopened("b", 1),
                        new StepStarted("a", 1, 3, "agent-2", StepDetails.NONE));
            }
        }
    }

    @Nested
    class AReplay {

        @Test
        void bringsTheSameRowsInWhateverBatches() throws InterruptedException {
            var first = ReadSide.fresh();
            live(first, 40, 7);
            first.settle();
            var rows = rows(first);
            assertThat(rows.get("executions")).hasSize(40);
            assertThat(rows.get("step_attempts")).hasSizeGreaterThan(100);

            first.jdbc().sql("drop schema read_model cascade").update();
            first.stop();

            try (var second = ReadSide.over(first.database())) {
                second.settle();
                assertThat(rows(second)).isEqualTo(rows);
            }
        }

        @Test
        void beginsByItselfWhenTheTablesAreDropped() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                live(readSide, 3, 1);
                readSide.settle();
                var rows = rows(readSide);
                readSide.jdbc().sql("drop schema read_model cascade").update();
                await().untilAsserted(() -> {
                    assertThat(readSide.get("/api/v1/executions/" + id(1).id()).status())
                            .isEqualTo(200);
                    assertThat(rows(readSide)).isEqualTo(rows);
                });
            }
        }

        @Test
        void isToldInPlaceOfRowsThatOnlyNewerCodeUnderstands() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                live(readSide, 1, 1);
                readSide.settle();
                readSide.jdbc()
                        .sql("update read_model.projection_token set code_version = '1000'")
                        .update();
                await().untilAsserted(() -> {
                    var answer = readSide.get("/api/v1/executions");
                    assertThat(answer.status()).isEqualTo(503);
                    assertThat(answer.headers()).containsKey("Retry-After");
                    assertThat(answer.json().get("type").asString()).isEqualTo("urn:runledger:problem:rebuilding");
                });
                assertThat(readSide.get("/api/v1/projections/read-model")
                                .json()
                                .get("rebuild")
                                .isNull())
                        .isTrue();
            }
        }

        @Test
        void replacesTheTablesOfOlderCode() throws InterruptedException {
            var first = ReadSide.fresh();
            live(first, 10, 3);
            first.settle();
            var rows = rows(first);
            first.jdbc()
                    .sql("update read_model.projection_token set code_version = '0'")
                    .update();
            first.jdbc()
                    .sql("alter table read_model.steps add column gone text")
                    .update();
            first.stop();
            try (var second = ReadSide.over(first.database())) {
                second.settle();
                assertThat(rows(second)).isEqualTo(rows);
                var rebuild =
                        second.get("/api/v1/projections/read-model").json().get("rebuild");
                assertThat(rebuild.get("state").asString()).isEqualTo("DONE");
                assertThat(rebuild.at("/drift/different").asLong()).isZero();
            }
        }
    }

    @Nested
    class TheStatesOfAnExecution {

        @Test
        void followOneAnotherWithoutAGap() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                readSide.append(id(1), T, new ExecutionScheduled(details("w"), null));
                readSide.settle();
                readSide.append(id(1), T, new ExecutionStarted(ExecutionDetails.NONE, null));
                readSide.append(id(1), T, new ExecutionCancelled(null));
                readSide.settle();
                assertThat(readSide.jdbc().sql("""
                                        select concat_ws(' ', status, from_position, to_position)
                                        from read_model.execution_states
                                        order by from_position
                                        """).query(String.class).list())
                        .containsExactly("PENDING 1 2", "RUNNING 2 3", "CANCELLED 3");
            }
        }
    }

    @Nested
    class AnErasedExecution {

        @Test
        void isGone() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                live(readSide, 1, 2);
                readSide.append(id(0), T, new ExecutionErased("wish"));
                readSide.settle();
                var path = "/api/v1/executions/" + id(0).id();
                for (var part : List.of("", "/steps", "/artifacts", "/checkpoints", "/children", "/events")) {
                    assertThat(readSide.get(path + part).status()).as(part).isEqualTo(410);
                }
                assertThat(readSide.get("/api/v1/executions").items()).isEmpty();
                var rows = rows(readSide);
                for (var table : List.of("execution_tags", "steps", "step_attempts", "artifacts", "checkpoints")) {
                    assertThat(rows.get(table)).as(table).isEmpty();
                }
            }
        }
    }

    @Nested
    class AnExecutionWhoseEventsLostTheirPayloads {

        @Test
        void isReplayedToTheRowsThatItsErasureLeft() throws InterruptedException {
            var first = ReadSide.fresh();
            live(first, 8, 3);
            for (var i = 0; i < 4; i++) {
                first.append(id(i), T, new ExecutionErased("wish"));
            }
            first.settle();
            var rows = rows(first);
            var database = first.database();
            EventLogMigrations.migrate(database.owner(), database.applicationUser(), ExecutionEventTypes.erasing());
            var erasure = new Erasure(database.application());
            for (var i = 0; i < 4; i++) {
                assertThat(erasure.erase(new StreamId("default", id(i).stream())))
                        .isGreaterThan(3);
            }
            var events = first.get("/api/v1/events?limit=500").items();
            assertThat(events.stream().filter(event -> event.get("erased").booleanValue()))
                    .hasSizeGreaterThan(12)
                    .allMatch(event -> event.get("payload").isNull());

            first.jdbc().sql("drop schema read_model cascade").update();
            first.stop();

            try (var second = ReadSide.over(database)) {
                second.settle();
                assertThat(rows(second)).isEqualTo(rows);
                assertThat(second.get("/api/v1/executions/" + id(0).id()).status())
                        .isEqualTo(410);
                assertThat(second.get("/api/v1/executions").items()).hasSize(4);
            }
        }
    }

    @Nested
    class AFailureThatPasses {

        /** Of attempts whose distance doubles, the eighth comes two minutes after the first. */
        private static final int ATTEMPTS = 8;

        @Test
        void isTriedAgainSoonHoweverOftenItComes() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                var jdbc = readSide.jdbc();
                jdbc.sql("create sequence read_model.attempts").update();
                jdbc.sql("""
                        create function read_model.fail() returns trigger
                        language plpgsql as $$
                        begin
                          perform nextval('read_model.attempts');
                          raise 'in the way' using errcode = 'deadlock_detected';
                        end
                        $$
                        """).update();
                jdbc.sql("""
                        create trigger fail
                        before insert on read_model.executions
                        for each statement execute function read_model.fail()
                        """).update();
                readSide.append(id(1), T, new ExecutionStarted(details("w"), null));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> jdbc.sql("select last_value from read_model.attempts")
                                        .query(Integer.class)
                                        .single()
                                >= ATTEMPTS);
                jdbc.sql("drop trigger fail on read_model.executions").update();
                readSide.settle();
                assertThat(readSide.get("/api/v1/executions/" + id(1).id()).status())
                        .isEqualTo(200);
            }
        }
    }

    @Nested
    class APoisonEvent {

        @Test
        void stopsTheProjectionBehindEverythingBeforeIt() throws InterruptedException {
            try (var readSide = ReadSide.fresh()) {
                readSide.append(id(1), T, new ExecutionStarted(details("w"), null));
                readSide.settle();
                // As if an event were missing.
                readSide.jdbc()
                        .sql("update read_model.executions set version = 0")
                        .update();
                readSide.append(id(2), T, new ExecutionStarted(details("w"), null));
                readSide.append(id(1), T, new ExecutionAmended(Map.of("x", "y"), null));
                readSide.append(id(3), T, new ExecutionStarted(details("w"), null));

                var health = readSide.bean(HealthIndicator.class);
                await().untilAsserted(() -> {
                    assertThat(health.health())
                            .returns(Status.DOWN, Health::getStatus)
                            .extracting(Health::getDetails)
                            .asInstanceOf(InstanceOfAssertFactories.MAP)
                            .containsEntry("stoppedAt", 3L);
                });
                await().untilAsserted(() -> assertThat(
                                readSide.bean(ReadModelPosition.class).lastKnown())
                        .isEqualTo(2));
                assertThat(readSide.get("/api/v1/executions/" + id(3).id()).status())
                        .isEqualTo(404);
                assertThat(readSide.get("/api/v1/executions", "Runledger-Min-Position", "4")
                                .status())
                        .isEqualTo(503);

                readSide.jdbc()
                        .sql("update read_model.executions set version = 1 where execution_id = :id")
                        .param("id", id(1).id())
                        .update();
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(
                                        readSide.bean(ReadModelPosition.class).lastKnown())
                                .isEqualTo(4));
                assertThat(health.health()).returns(Status.UP, Health::getStatus);
            }
        }
    }
}
