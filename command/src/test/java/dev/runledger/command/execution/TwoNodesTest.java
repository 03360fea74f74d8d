package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.NOW;
import static dev.runledger.command.execution.Scenario.cancel;
import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.retry;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startStep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.runledger.command.execution.Outcome.Accepted;
import dev.runledger.command.execution.Outcome.Effect;
import dev.runledger.command.execution.Outcome.Refused;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.AppendRefusedException;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.eventstore.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.gateway.DefaultCommandGateway;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Executions that two servers on one database write to, each with a memory of its own. */
@Timeout(120)
class TwoNodesTest {

    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final Node A = Node.on(DATABASE.application());
    private static final Node B = Node.on(DATABASE.application());

    private final ExecutionId execution = new ExecutionId("default", UUID.randomUUID());

    @AfterAll
    static void close() {
        A.close();
        B.close();
        DATABASE.close();
    }

    private static Accepted accepted(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Accepted.class);
        return (Accepted) outcome;
    }

    private List<StoredEvent> events() {
        return A.log.readStream(
                        new StreamId(execution.namespace(), execution.stream()),
                        0,
                        Long.MAX_VALUE,
                        EventFilter.ALL,
                        10_000)
                .events();
    }

    @Nested
    class WhatOneNodeRemembers {

        @Test
        void isNotAnsweredFromWhenAnotherNodeHasWritten() {
            A.applyAll(execution, start(), startStep("a"));
            var ended = accepted(B.apply(execution, completeStep("a")));
            var again = accepted(A.apply(execution, completeStep("a")));
            assertThat(again.effect()).isEqualTo(Effect.UNCHANGED);
            assertThat(again.version()).isEqualTo(ended.version());
            assertThat(again.position()).isEqualTo(ended.position());
        }

        @Test
        void makesNoFalseUnchanged() {
            A.applyAll(execution, start(), cancel("x"));
            B.apply(execution, retry(2));
            assertThat(accepted(A.apply(execution, cancel("x"))).effect()).isEqualTo(Effect.APPENDED);
        }

        @Test
        void makesNoFalseRefusal() {
            A.apply(execution, start());
            B.apply(execution, startStep("a"));
            assertThat(accepted(A.apply(execution, completeStep("a"))).effect()).isEqualTo(Effect.APPENDED);
        }

        @Test
        void isNotAppendedToWhenAnotherNodeHasWritten() {
            A.apply(execution, start());
            B.apply(execution, cancel("enough"));
            assertThat(A.apply(execution, startStep("a"))).isInstanceOf(Refused.class);
            assertThat(events()).hasSize(2);
        }

        @Test
        void isWhatIsInTheLogOnly() {
            A.apply(execution, start());
            var tooMuch = new Origin("x".repeat(70_000), "r1", null);
            assertThatThrownBy(() -> A.commands.apply(
                            execution, List.of(new Submission(startStep("a"), NOW, null, null)), false, tooMuch))
                    .isInstanceOf(AppendRefusedException.class);
            assertThat(A.states.find(execution).execution().state().version()).isOne();
            assertThat(A.apply(execution, completeStep("a"))).isInstanceOf(Refused.class);
            assertThat(accepted(A.apply(execution, startStep("a"))).version()).isEqualTo(2);
        }

        @Test
        void isNothingOfAnExecutionWhoseFirstAppendFailed() {
            var tooMuch = new Origin("x".repeat(70_000), "r1", null);
            assertThatThrownBy(() -> A.commands.apply(
                            execution, List.of(new Submission(start(), NOW, null, null)), false, tooMuch))
                    .isInstanceOf(AppendRefusedException.class);
            assertThat(A.apply(execution, startStep("a")))
                    .isEqualTo(new Refused(new Rejection.UnknownExecution(execution)));
        }
    }

    @Nested
    class WhatIsRememberedOfAnotherLog {

        /** What A would remember had its database been put back to an earlier time, or replaced, under it. */
        private void remember(long position, ExecutionCommand... commands) {
            var scenario = new Scenario(execution);
            for (var command : commands) {
                scenario.submit(command);
            }
            A.states.appended(execution, KnownExecution.NONE.at(scenario.state, position));
        }

        @Test
        void isForgottenWhenTheLogEndsEarlier() {
            B.apply(execution, start());
            remember(1_000_000, start(), startStep("a"), completeStep("a"));
            assertThat(A.apply(execution, completeStep("a"))).isInstanceOf(Refused.class);
            assertThat(accepted(A.apply(execution, startStep("a"))).version()).isEqualTo(2);
        }

        @Test
        void isForgottenWhenTheLogHasNothing() {
            remember(1_000_000, start());
            assertThat(A.apply(execution, startStep("a")))
                    .isEqualTo(new Refused(new Rejection.UnknownExecution(execution)));
            assertThat(accepted(A.apply(execution, start())).effect()).isEqualTo(Effect.CREATED);
        }

        @Test
        void isForgottenWhenTheLogWentAnotherWay() {
            B.applyAll(execution, start(), startStep("b"), completeStep("b"));
            remember(1_000_000, start(), startStep("a"));
            assertThat(A.apply(execution, completeStep("a"))).isInstanceOf(Refused.class);
            assertThat(accepted(A.apply(execution, completeStep("b"))).effect()).isEqualTo(Effect.UNCHANGED);
        }
    }

    @Nested
    class WritersThatComeFirstAgainAndAgain {

        @Test
        void areGivenUpOnAfterABoundedNumberOfAttempts() {
            var attempts = new AtomicInteger();
            var bus = SimpleCommandBus.builder().build();
            bus.subscribe(ApplyCommands.class.getName(), message -> {
                attempts.incrementAndGet();
                throw new ConcurrencyException("others came first");
            });
            var commands = new ExecutionCommands(
                    DefaultCommandGateway.builder().commandBus(bus).build(), A.states, Mailboxes.Limits.USUAL);
            assertThatThrownBy(() -> commands.apply(
                            execution, List.of(new Submission(start(), NOW, null, null)), false, Node.ORIGIN))
                    .isInstanceOf(ConcurrencyException.class);
            assertThat(attempts).hasValue(Race.ATTEMPTS);
        }
    }

    @Nested
    class AWriterThatAlwaysComesFirst {

        private final AtomicInteger looks = new AtomicInteger();

        /** Appends whenever {@code execution}'s other writer is about to look at the log or to append. */
        private void appendsBeforeEachLook() {
            looks.incrementAndGet();
            var version = events().size();
            var event = new GenericDomainEventMessage<>(
                    "Execution",
                    execution.toString(),
                    version,
                    new StepStarted("s" + version, 1, 1, null, StepDetails.NONE));
            try {
                A.engine.appendEvents(event);
            } catch (ConcurrencyException e) {
                // It is the other one's turn.
            }
        }

        @Test
        void isOvertakenAfterThreeTimes() {
            A.apply(execution, start());
            var always = new DelegatingDataSource(DATABASE.application()) {
                @Override
                public Connection getConnection() throws SQLException {
                    appendsBeforeEachLook();
                    return super.getConnection();
                }
            };
            try (var node = Node.on(always)) {
                assertThat(accepted(node.apply(execution, startStep("a"))).effect())
                        .isEqualTo(Effect.APPENDED);
            }
            // Each attempt looks three or four times.
            assertThat(looks).hasValueLessThan(50);
        }
    }

    @Nested
    class AnExecutionThatIsLeftToAnotherWriter {

        /** For longer than as many attempts take as there are when somebody else comes first each time. */
        private static final Duration LEFT = Duration.ofSeconds(2);

        @Test
        void isWaitedFor() {
            A.apply(execution, start());
            leave();
            var end = System.nanoTime() + LEFT.toNanos();
            var leaving = new FutureTask<>(() -> {
                for (; System.nanoTime() < end; Thread.sleep(20)) {
                    leave();
                }
                return null;
            });
            Thread.ofVirtual().start(leaving);
            assertThat(accepted(A.apply(execution, startStep("a"))).effect()).isEqualTo(Effect.APPENDED);
            assertThat(leaving).succeedsWithin(Duration.ofSeconds(30));
        }

        private void leave() {
            DATABASE.asSuperuser("""
                    update event_log.head
                    set lease_holder = gen_random_uuid(), lease_namespace = '%s', lease_stream = '%s',
                      lease_until = clock_timestamp() + interval '200 milliseconds'
                    """.formatted(execution.namespace(), execution.stream()));
        }
    }

    @Nested
    class AMemoryThatIsTooSmall {

        private static final int EXECUTIONS = 40;

        @Test
        void holdsNoMoreThanItsBoundAndForgetsTheRest() {
            var bytes = 32 << 10;
            try (var small = Node.withMemory(bytes, DATABASE.application())) {
                var all = IntStream.range(0, EXECUTIONS)
                        .mapToObj(n -> new ExecutionId("default", UUID.randomUUID()))
                        .toList();
                for (var one : all) {
                    small.apply(one, start());
                    for (var step = 0; step < 20; step++) {
                        small.apply(one, startStep("s" + step));
                    }
                }
                await().until(() -> small.states.evictions() > 0 && small.states.estimatedBytes() <= bytes);
                for (var one : all) {
                    assertThat(accepted(small.apply(one, completeStep("s7"))).version())
                            .isEqualTo(22);
                }
            }
        }
    }

    @Nested
    class ManyCallersOfOneExecution {

        private static final int CALLERS = 32;
        private static final int STEPS = 8;

        @Test
        void eachFindItsOwnStepsWhereItLeftThem() throws Exception {
            A.apply(execution, start());
            callers(caller -> {
                for (var n = 0; n < STEPS; n++) {
                    var step = caller + "-" + n;
                    var node = (caller + n) % 2 == 0 ? A : B;
                    var other = node == A ? B : A;
                    assertThat(accepted(node.apply(execution, startStep(step))).effect())
                            .isEqualTo(Effect.APPENDED);
                    assertThat(accepted(other.apply(execution, completeStep(step)))
                                    .effect())
                            .isEqualTo(Effect.APPENDED);
                    assertThat(accepted(node.apply(execution, completeStep(step)))
                                    .effect())
                            .isEqualTo(Effect.UNCHANGED);
                }
            });
            assertThat(events()).hasSize(1 + 2 * CALLERS * STEPS);
            assertThat(A.reader.read(execution).state().activeSteps()).isZero();
        }

        /** Each node has its callers, so that nobody helps the one that comes second. */
        @Test
        void areNotSentAwayBecauseThoseOfAnotherNodeAreQuicker() throws Exception {
            A.apply(execution, start());
            callers(128, caller -> {
                var node = caller % 2 == 0 ? A : B;
                for (var n = 0; n < 20; n++) {
                    assertThat(accepted(node.apply(execution, startStep(caller + "-" + n)))
                                    .effect())
                            .isEqualTo(Effect.APPENDED);
                }
            });
            assertThat(events()).hasSize(1 + 128 * 20);
        }

        @Test
        void doNotKeepASingleOneOfAnotherNodeOut() throws Exception {
            A.apply(execution, start());
            var over = new AtomicBoolean();
            callers(65, caller -> {
                if (caller == 64) {
                    try {
                        for (var n = 0; n < 30; n++) {
                            accepted(B.apply(execution, startStep("single-" + n)));
                        }
                    } finally {
                        over.set(true);
                    }
                }
                for (var n = 0; !over.get(); n++) {
                    accepted(A.apply(execution, startStep(caller + "-" + n)));
                }
            });
            assertThat(A.reader.read(execution).state().activeSteps()).isGreaterThan(30);
        }

        @Test
        void whoSayTheSameHaveItAppendedOnce() throws Exception {
            var outcomes = new ArrayList<Accepted>();
            callers(caller -> {
                var node = caller % 2 == 0 ? A : B;
                var mine = node.applyAll(execution, start(), startStep("a"), completeStep("a"));
                synchronized (outcomes) {
                    mine.forEach(outcome -> outcomes.add(accepted(outcome)));
                }
            });
            assertThat(events())
                    .extracting(StoredEvent::type)
                    .containsExactly("ExecutionStarted", "StepStarted", "StepCompleted");
            assertThat(outcomes).filteredOn(outcome -> !outcome.unchanged()).hasSize(3);
        }

        @Test
        void areToldWhereTheirOwnEventsAre() throws Exception {
            A.apply(execution, start());
            callers(caller -> {
                var node = caller % 2 == 0 ? A : B;
                var outcome = accepted(node.apply(execution, startStep("s" + caller)));
                var stored = events().get((int) outcome.version() - 1);
                assertThat(stored.position()).isEqualTo(outcome.position());
                assertThat(stored.payload()).contains("\"s" + caller + "\"");
            });
        }

        @Test
        void failAloneWhenTheirEventsAreTooLarge() throws Exception {
            A.apply(execution, start());
            callers(caller -> {
                var large = caller == 7;
                var submissions = List.of(new Submission(startStep("s" + caller), NOW, null, null));
                var origin = large ? new Origin("x".repeat(70_000), "r", null) : new Origin("c" + caller, "r", null);
                if (large) {
                    assertThatThrownBy(() -> A.commands.apply(execution, submissions, false, origin))
                            .isInstanceOf(AppendRefusedException.class);
                } else {
                    assertThat(A.commands.apply(execution, submissions, false, origin))
                            .allSatisfy(outcome ->
                                    assertThat(accepted(outcome).effect()).isEqualTo(Effect.APPENDED));
                }
            });
            assertThat(events()).hasSize(CALLERS);
            assertThat(events().stream().skip(1)).allSatisfy(event -> {
                var caller = Objects.requireNonNull(event.payload()).replaceAll(".*\"s(\\d+)\".*", "$1");
                assertThat(event.metadata()).contains("\"actor\":\"c" + caller + "\"");
            });
        }

        @FunctionalInterface
        private interface Caller {
            void call(int number) throws Exception;
        }

        private static void callers(Caller caller) throws InterruptedException, ExecutionException {
            callers(CALLERS, caller);
        }

        private static void callers(int count, Caller caller) throws InterruptedException, ExecutionException {
            var tasks = IntStream.range(0, count)
                    .mapToObj(number -> new FutureTask<>(() -> {
                        caller.call(number);
                        return null;
                    }))
                    .toList();
            tasks.forEach(task -> Thread.ofVirtual().start(task));
            for (var task : tasks) {
                task.get();
            }
        }
    }
}
