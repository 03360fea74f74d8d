package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.command.execution.KnownExecution.SnapshotMark;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@Timeout(180)
class SnapshotTest {

    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final Node NODE = Node.on(DATABASE.application());
    private static final JdbcClient OWNER = JdbcClient.create(DATABASE.owner());

    private final ExecutionId execution = new ExecutionId("default", UUID.randomUUID());

    @AfterAll
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    private static ScheduleSteps steps(String prefix, int count) {
        return new ScheduleSteps(IntStream.range(0, count)
                .mapToObj(n -> new ScheduleStep(prefix + n, null, StepDetails.NONE))
                .toList());
    }

    private List<@Nullable Long> versions() {
        return OWNER.sql("select version from event_log.snapshot where stream = :stream order by version")
                .param("stream", execution.stream())
                .query(Long.class)
                .list();
    }

    private void awaitSnapshot(long version) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(versions()).containsExactly(version));
    }

    /** Changes what the snapshot says. */
    private void rewrite(String payload) {
        OWNER.sql("update event_log.snapshot set payload = cast(:payload as json) where stream = :stream")
                .param("payload", payload)
                .param("stream", execution.stream())
                .update();
    }

    @Nested
    class AnExecution {

        @Test
        void hasNoSnapshotWhileItIsSmall() {
            NODE.applyAll(execution, start(), steps("a", 400));
            var known = NODE.states.find(execution).execution();
            assertThat(known.isSnapshotDue()).isFalse();
            assertThat(versions()).isEmpty();
        }

        @Test
        void getsOneBesideItsCallersAndANewerOneInItsPlaceOnceItHasDoubled() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            await().until(() ->
                    NODE.states.find(execution).execution().snapshot().version() == 601);
            NODE.apply(execution, steps("b", 550));
            assertThat(NODE.states.find(execution).execution().isSnapshotDue()).isFalse();
            NODE.apply(execution, steps("c", 100));
            awaitSnapshot(1251);
        }

        @Test
        void isReadFromItsSnapshot() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            NODE.apply(execution, startStep("a7"));
            var state = NODE.states.find(execution).execution().state();
            assertThat(NODE.reader.read(execution).state()).isEqualTo(state);
            assertThat(NODE.reader.read(execution).snapshot().version()).isEqualTo(601);
        }

        @Test
        void isReadFromItsSnapshotAlsoWhenNothingFollowedIt() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            var known = NODE.states.find(execution).execution();
            var read = NODE.reader.read(execution);
            assertThat(read.state()).isEqualTo(known.state());
            assertThat(read.head()).isEqualTo(known.head());
            assertThat(read.snapshot().version()).isEqualTo(601);
        }
    }

    @Nested
    class ASnapshot {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "[\"RUNNING\"]",
                    "[null,false,600,0,null,null,0,0,0,[],0,0,0,[],[],[]]",
                    "[null,false,601,0,null,null,0,0,0,[],0,0,0,[],[],[]]"
                })
        void thatIsBrokenIsNotUsed(String payload) {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            NODE.apply(execution, startStep("a7"));
            NODE.apply(execution, completeStep("a7"));
            rewrite(payload);
            var read = NODE.reader.read(execution);
            assertThat(read.state())
                    .isEqualTo(NODE.states.find(execution).execution().state());
            assertThat(read.snapshot()).isEqualTo(SnapshotMark.NONE);
        }

        @Test
        void ofOtherCodeIsNotUsed() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            try (var other = Node.of("other", DATABASE.application())) {
                assertThat(other.reader.read(execution).snapshot()).isEqualTo(SnapshotMark.NONE);
                assertThat(other.reader.read(execution).state())
                        .isEqualTo(NODE.reader.read(execution).state());
            }
        }

        @Test
        void ofAVersionThatTheStreamHasNotReachedIsNotUsed() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            OWNER.sql("update event_log.snapshot set version = 700 where stream = :stream")
                    .param("stream", execution.stream())
                    .update();
            rewrite(EventJson.mapper()
                    .writeValueAsString(NODE.reader.read(execution).state())
                    .replaceFirst(",601,", ",700,"));
            assertThat(NODE.reader.read(execution).state().version()).isEqualTo(601);
        }
    }

    @Nested
    class AnErasedExecution {

        private void erase() {
            NODE.engine.appendEvents(List.of(new GenericDomainEventMessage<>(
                    "Execution",
                    execution.toString(),
                    NODE.reader.read(execution).state().version(),
                    new ExecutionErased(null))));
            DATABASE.asSuperuser("""
                    alter table event_log.event disable trigger event_refuses_update;
                    update event_log.event set payload = null, payload_salt = null
                      where stream = '%s' and type <> 'ExecutionErased';
                    alter table event_log.event enable always trigger event_refuses_update;
                    delete from event_log.snapshot where stream = '%s'
                    """.formatted(execution.stream(), execution.stream()));
        }

        @Test
        void isErasedForThoseWhoKnewItAndThoseWhoDidNot() {
            NODE.applyAll(execution, start(), startStep("a"));
            erase();
            try (var cold = Node.on(DATABASE.application())) {
                var erased = new Outcome.Refused(new Rejection.Erased(execution));
                assertThat(NODE.apply(execution, startStep("a"))).isEqualTo(erased);
                assertThat(NODE.apply(execution, startStep("b"))).isEqualTo(erased);
                assertThat(cold.apply(execution, startStep("b"))).isEqualTo(erased);
                assertThat(cold.reader.read(execution).state().version()).isEqualTo(3);
            }
        }

        @Test
        void getsNoSnapshotOfWhatItWas() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            var before = NODE.states.find(execution).execution();
            erase();
            NODE.engine.storeSnapshot(new GenericDomainEventMessage<>(
                    "Execution", execution.toString(), before.state().version() - 1, before.state()));
            NODE.apply(execution, startStep("a7"));
            assertThat(NODE.states.find(execution).execution().isSnapshotDue()).isFalse();
            assertThat(versions()).isEmpty();
        }
    }

    @Nested
    class SnapshotsOfTwoNodes {

        @Test
        void areOneSeries() {
            try (var other = Node.on(DATABASE.application())) {
                NODE.apply(execution, start());
                other.apply(execution, startStep("b"));
                NODE.apply(execution, steps("a", 600));
                awaitSnapshot(602);
                NODE.apply(execution, startStep("a7"));
                other.apply(execution, completeStep("b"));
                await().until(() ->
                        other.states.find(execution).execution().snapshot().version() > 0);
                assertThat(other.states.find(execution).execution().snapshot().version())
                        .isEqualTo(602);
                assertThat(versions()).containsExactly(602L);
            }
        }

        @Test
        void mayBeFollowedWhileOneIsRead() {
            NODE.applyAll(execution, start(), steps("a", 600));
            awaitSnapshot(601);
            var reading = new AtomicInteger();
            var overtaken = new DelegatingDataSource(DATABASE.application()) {
                @Override
                public Connection getConnection() throws SQLException {
                    // First page, page after the snapshot, head.
                    if (reading.incrementAndGet() == 3) {
                        NODE.apply(execution, startStep("a7"));
                    }
                    return super.getConnection();
                }
            };
            var read = new ExecutionReader(new EventLog(overtaken), NODE.engine).read(execution);
            assertThat(read.state().version()).isEqualTo(602);
            assertThat(read.snapshot().version()).isEqualTo(601);
            assertThat(reading).hasValue(4);
        }
    }

    @Nested
    class AHugeExecution {

        @Test
        void isReadFromASnapshotAsFromItsEvents() {
            NODE.applyAll(execution, start(), steps("step-", 100_000));
            awaitSnapshot(100_001);
            NODE.apply(execution, startStep("step-99999"));
            var known = NODE.states.find(execution).execution();
            try (var cold = Node.on(DATABASE.application());
                    var other = Node.of("other", DATABASE.application())) {
                assertThat(cold.reader.read(execution).snapshot().version()).isEqualTo(100_001);
                assertThat(cold.reader.read(execution).state()).isEqualTo(known.state());
                assertThat(other.reader.read(execution).state()).isEqualTo(known.state());
                assertThat(cold.apply(execution, startStep("step-99999"))).isInstanceOf(Outcome.Accepted.class);
            }
        }
    }

    /** What all snapshots of an execution take together, as it grows to 100,000 steps. */
    @Nested
    class AllSnapshotsTogether {

        private static final int STEPS = 100_000;
        private static final Failure ERROR = new Failure("x", "Error", null, null);

        private KnownExecution known = KnownExecution.NONE;
        private long written;

        private void take(ExecutionEvent event, @Nullable String commandId) {
            known = known.at(known.state().evolve(event, commandId), known.position() + 1);
            if (known.isSnapshotDue()) {
                written += EventJson.mapper().writeValueAsBytes(known.state()).length;
                known = known.with(SnapshotMark.of(known.state()));
            }
        }

        private static ExecutionEvent scheduled(int n) {
            return new StepScheduled("step-" + n, 1, StepDetails.NONE);
        }

        private static ExecutionEvent started(int n) {
            return new StepStarted("step-" + n, 1, 1, null, StepDetails.NONE);
        }

        private static ExecutionEvent completed(int n) {
            return new StepCompleted("step-" + n, 1, 1, null);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void takeAtMostThreeTimesTheLastStateWhenStepsComeOneByOne(boolean named) {
            for (var n = 0; n < STEPS; n++) {
                take(scheduled(n), named ? "schedule " + n : null);
                take(started(n), named ? "start " + n : null);
                take(completed(n), named ? "complete " + n : null);
            }
            assertBounded();
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void takeAtMostThreeTimesTheLastStateWhenAllStepsAreScheduledFirst(boolean named) {
            for (var n = 0; n < STEPS; n++) {
                take(scheduled(n), named ? "schedule " + n : null);
            }
            for (var n = 0; n < STEPS; n++) {
                take(started(n), named ? "start " + n : null);
                take(completed(n), named ? "complete " + n : null);
            }
            assertBounded();
        }

        /** Retries, say: the state stays as large as it is, and its history does not. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void takeAtMostThreeTimesTheLastStateWhenSevenEventsComeForEachStep(boolean scheduledFirst) {
            for (var n = 0; scheduledFirst && n < STEPS; n++) {
                take(scheduled(n), null);
            }
            for (var n = 0; n < STEPS; n++) {
                if (!scheduledFirst) {
                    take(scheduled(n), null);
                }
                for (var attempt = 1; attempt <= 3; attempt++) {
                    take(new StepStarted("step-" + n, 1, attempt, null, StepDetails.NONE), null);
                    take(
                            attempt < 3
                                    ? new StepFailed("step-" + n, 1, attempt, ERROR, true, true, null)
                                    : new StepCompleted("step-" + n, 1, attempt, null),
                            null);
                }
            }
            assertBounded();
        }

        private void assertBounded() {
            assertThat(written).isBetween(1L, 3L * EventJson.mapper().writeValueAsBytes(known.state()).length);
            assertThat(known.state().version() - known.snapshot().version())
                    .as("events to read after the last")
                    .isLessThanOrEqualTo(Math.max(
                            2L * known.state().entries(), 2 * known.state().version() / 3));
        }
    }
}
