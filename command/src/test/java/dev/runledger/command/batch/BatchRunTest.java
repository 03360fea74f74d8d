package dev.runledger.command.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.command.execution.CommandMeters;
import dev.runledger.command.execution.CommandName;
import dev.runledger.command.execution.ExecutionCommand.CancelExecution;
import dev.runledger.command.execution.Outcome;
import dev.runledger.command.execution.ReceivedCommand;
import dev.runledger.command.execution.Rejection;
import dev.runledger.command.execution.Submission;
import dev.runledger.command.http.BadInput;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessResourceFailureException;
import tools.jackson.databind.JsonNode;

@Timeout(30)
class BatchRunTest {

    private static final Limits SMALL = new Limits(3, 1_000, 20, 10_000, 4);
    private static final ExecutionId A = execution(1);
    private static final ExecutionId B = execution(2);

    private final List<JsonNode> results = Collections.synchronizedList(new ArrayList<>());
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CommandMeters meters = new CommandMeters(registry);

    private static ExecutionId execution(long n) {
        return new ExecutionId("default", new UUID(0, n));
    }

    /** A command whose reason tells which one it is. */
    private static ReceivedCommand command(ExecutionId execution, Object reason) {
        return new ReceivedCommand(
                CommandName.CANCEL_EXECUTION,
                execution,
                new Submission(new CancelExecution(reason.toString()), Instant.EPOCH, null, null));
    }

    private static @Nullable String reason(Submission submission) {
        return ((CancelExecution) submission.command()).reason();
    }

    private static List<Outcome> accepted(List<Submission> submissions) {
        return submissions.stream()
                .<Outcome>map(
                        s -> new Outcome.Accepted(1, 2, ExecutionStatus.RUNNING, Outcome.Effect.APPENDED, List.of()))
                .toList();
    }

    private BatchRun run(BatchRun.Application application, boolean stopAtRefusal) {
        return new BatchRun(
                application, stopAtRefusal, new LineResults("/api/v1/commands", "r1"), this::take, meters, SMALL);
    }

    private void take(List<byte[]> written) {
        for (var bytes : written) {
            results.add(EventJson.mapper().readTree(new String(bytes, StandardCharsets.UTF_8)));
        }
    }

    private List<Long> lines() {
        synchronized (results) {
            return results.stream()
                    .map(result -> result.get("line").longValue())
                    .toList();
        }
    }

    /** The status of each result's problem; 0 where the line was accepted. */
    private List<Integer> statuses() {
        return results.stream()
                .map(result -> result.has("problem")
                        ? result.get("problem").get("status").intValue()
                        : 0)
                .toList();
    }

    @Nested
    class Results {

        @Test
        void comeInLineOrderWhateverEndsFirst() throws Exception {
            var random = new Random(7);
            var applied = new ConcurrentHashMap<ExecutionId, List<String>>();
            var run = run(
                    (execution, submissions) -> {
                        // Threads take turns in an order of their own.
                        for (var i = random.nextInt(5); i > 0; i--) {
                            Thread.yield();
                        }
                        submissions.forEach(s -> applied.computeIfAbsent(execution, id -> new ArrayList<>())
                                .add(String.valueOf(reason(s))));
                        return accepted(submissions);
                    },
                    false);
            var sent = new ConcurrentHashMap<ExecutionId, List<String>>();
            for (var line = 1; line <= 2_000; line++) {
                var execution = execution(random.nextInt(30));
                sent.computeIfAbsent(execution, id -> new ArrayList<>()).add(Integer.toString(line));
                run.accept(line, 10, command(execution, line));
            }
            run.finish();
            assertThat(lines())
                    .isEqualTo(LongStream.rangeClosed(1, 2_000).boxed().toList());
            assertThat(applied).isEqualTo(sent);
        }

        @Test
        void saySoOfEachLine() throws Exception {
            var run = run(
                    (execution, submissions) -> List.of(
                            new Outcome.Accepted(7, 9, ExecutionStatus.RUNNING, Outcome.Effect.UNCHANGED, List.of()),
                            new Outcome.Refused(new Rejection.UnknownExecution(execution))),
                    false);
            run.accept(1, 10, command(A, 1));
            run.refuse(2, 10, null, new BadInput("/command", "is required").getBody());
            run.accept(4, 10, command(A, 4));
            run.finish();
            assertThat(results.get(0))
                    .hasToString("{\"line\":1,\"executionId\":\"" + A.id()
                            + "\",\"version\":7,\"position\":9,\"status\":\"RUNNING\",\"unchanged\":true}");
            assertThat(results.get(1).has("executionId")).isFalse();
            assertThat(results.get(1).get("problem"))
                    .hasToString(
                            "{\"type\":\"urn:runledger:problem:bad-request\",\"title\":\"The request is not valid\","
                                    + "\"status\":400,\"detail\":\"/command is required.\",\"instance\":\"/api/v1/commands\","
                                    + "\"errors\":[{\"pointer\":\"/command\",\"message\":\"is required\"}],\"requestId\":\"r1\"}");
            assertThat(results.get(2).get("problem").get("status").intValue()).isEqualTo(404);
            assertThat(results.get(2).get("executionId").stringValue()).isEqualTo(A.id().toString());
        }

        @Test
        void leaveBeforeTheInputEnds() throws Exception {
            var run = run((execution, submissions) -> accepted(submissions), false);
            run.accept(1, 10, command(A, 1));
            run.accept(2, 10, command(B, 2));
            assertThat(lines()).isEmpty();
            run.flush();
            await().until(() -> lines().equals(List.of(1L, 2L)));
            run.abort();
        }

        @Test
        void areCounted() throws Exception {
            var run = run((execution, submissions) -> accepted(submissions), false);
            run.accept(1, 10, command(A, 1));
            run.finish();
            assertThat(registry.get("runledger.commands")
                            .tags("command", "CancelExecution", "outcome", "accepted")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Nested
    class AWindow {

        private final List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());

        private List<Outcome> measured(ExecutionId execution, List<Submission> submissions) {
            sizes.add(submissions.size());
            return accepted(submissions);
        }

        @Test
        void leavesWhenItIsFull() throws Exception {
            var run = run(this::measured, false);
            for (var line = 1; line <= 3; line++) {
                run.accept(line, 10, command(A, line));
            }
            await().until(() -> lines().size() == 3);
            assertThat(sizes).containsExactly(3);
            run.abort();
        }

        @Test
        void leavesWhenItsBytesAreMany() throws Exception {
            var run = run(this::measured, false);
            run.accept(1, 600, command(A, 1));
            run.accept(2, 600, command(A, 2));
            await().until(() -> !sizes.isEmpty());
            run.finish();
            assertThat(sizes).containsExactly(1, 1);
        }

        @Test
        void gathersWhileTheOneBeforeItIsApplied() throws Exception {
            var gate = new Semaphore(0);
            var run = run(
                    (execution, submissions) -> {
                        gate.acquireUninterruptibly();
                        return measured(execution, submissions);
                    },
                    false);
            for (var line = 1; line <= 4; line++) {
                run.accept(line, 10, command(A, line));
                run.flush();
            }
            gate.release(10);
            run.finish();
            assertThat(sizes).containsExactly(1, 3);
        }

        @Test
        void isTheOnlyOneOfItsExecutionAtATime() throws Exception {
            var inFlight = new ConcurrentHashMap<ExecutionId, AtomicInteger>();
            var most = new AtomicInteger();
            var all = new AtomicInteger();
            var mostOfAll = new AtomicInteger();
            var run = run(
                    (execution, submissions) -> {
                        var own = inFlight.computeIfAbsent(execution, id -> new AtomicInteger());
                        most.accumulateAndGet(own.incrementAndGet(), Math::max);
                        mostOfAll.accumulateAndGet(all.incrementAndGet(), Math::max);
                        Thread.yield();
                        own.decrementAndGet();
                        all.decrementAndGet();
                        return accepted(submissions);
                    },
                    false);
            for (var line = 1; line <= 3_000; line++) {
                run.accept(line, 10, command(execution(line % 50), line));
            }
            run.finish();
            assertThat(most).hasValue(1);
            assertThat(mostOfAll.get()).isLessThanOrEqualTo(SMALL.parallel());
        }
    }

    @Nested
    class Reading {

        @Test
        void waitsWhileTooManyLinesAreOnTheirWay() throws Exception {
            var gate = new Semaphore(0);
            var run = run(
                    (execution, submissions) -> {
                        gate.acquireUninterruptibly();
                        return accepted(submissions);
                    },
                    false);
            var handedOver = new AtomicInteger();
            var reader = Thread.ofVirtual().start(() -> {
                try {
                    for (var line = 1; line <= 50; line++) {
                        run.accept(line, 10, command(execution(line), line));
                        handedOver.incrementAndGet();
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> reader.getState() == Thread.State.WAITING);
            assertThat(handedOver).hasValue(SMALL.waitingLines() - 1);
            gate.release(50);
            reader.join();
            run.finish();
            assertThat(lines()).hasSize(50);
        }

        @Test
        void waitsWhileTooManyBytesAreOnTheirWay() throws Exception {
            var gate = new CountDownLatch(1);
            var run = run(
                    (execution, submissions) -> {
                        awaitUninterruptibly(gate);
                        return accepted(submissions);
                    },
                    false);
            var reader = Thread.ofVirtual().start(() -> {
                try {
                    run.accept(1, 9_000, command(A, 1));
                    run.accept(2, 9_000, command(B, 2));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> reader.getState() == Thread.State.WAITING);
            gate.countDown();
            reader.join();
            run.finish();
            assertThat(lines()).containsExactly(1L, 2L);
        }

        @Test
        void goesOnWhenTheBatchIsAborted() throws Exception {
            var gate = new CountDownLatch(1);
            var applied = new AtomicInteger();
            var run = run(
                    (execution, submissions) -> {
                        awaitUninterruptibly(gate);
                        applied.addAndGet(submissions.size());
                        return accepted(submissions);
                    },
                    false);
            for (var line = 1; line <= 19; line++) {
                run.accept(line, 10, command(A, line));
            }
            run.abort();
            run.finish();
            gate.countDown();
            await().until(() -> applied.get() == 3);
            assertThat(results).isEmpty();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Nested
    class ARefusal {

        private List<Outcome> refusingTwo(ExecutionId execution, List<Submission> submissions, boolean stop) {
            var outcomes = new ArrayList<Outcome>();
            var stopped = false;
            for (var submission : submissions) {
                if (stopped) {
                    outcomes.add(new Outcome.Refused(new Rejection.StoppedByEarlierRefusal(execution)));
                } else if ("2".equals(reason(submission))) {
                    outcomes.add(new Outcome.Refused(new Rejection.UnknownExecution(execution)));
                    stopped = stop;
                } else {
                    outcomes.addAll(accepted(List.of(submission)));
                }
            }
            return outcomes;
        }

        private void sendEight(BatchRun run) throws InterruptedException {
            for (var line = 1; line <= 7; line++) {
                run.accept(line, 10, command(A, line));
            }
            run.accept(8, 10, command(B, 8));
            run.finish();
        }

        @Test
        void refusesItsLineOnly() throws Exception {
            sendEight(run((execution, submissions) -> refusingTwo(execution, submissions, false), false));
            assertThat(statuses()).containsExactly(0, 404, 0, 0, 0, 0, 0, 0);
        }

        @Test
        void refusesTheLaterLinesOfItsExecutionWhereTheBatchStops() throws Exception {
            var calls = new AtomicInteger();
            sendEight(run(
                    (execution, submissions) -> {
                        calls.incrementAndGet();
                        return refusingTwo(execution, submissions, true);
                    },
                    true));
            assertThat(statuses()).containsExactly(0, 404, 409, 409, 409, 409, 409, 0);
            assertThat(calls).hasValue(2);
            assertThat(results.get(6).get("problem").get("type").stringValue())
                    .isEqualTo("urn:runledger:problem:stopped-by-earlier-refusal");
        }

        @Test
        void alsoStopsTheExecutionWhenTheLineWasNotUnderstood() throws Exception {
            var run = run((execution, submissions) -> accepted(submissions), true);
            run.accept(1, 10, command(A, 1));
            run.refuse(2, 10, A, new BadInput("/x", "is unknown here").getBody());
            run.accept(3, 10, command(A, 3));
            run.accept(4, 10, command(B, 4));
            run.finish();
            assertThat(statuses()).containsExactly(0, 400, 409, 0);
        }
    }

    @Nested
    class AFault {

        @Test
        void isToldToTheWindowAndAllLaterLinesOfItsExecution() throws Exception {
            var run = run(
                    (execution, submissions) -> {
                        if (execution.equals(A)) {
                            throw new DataAccessResourceFailureException("secret host");
                        }
                        return accepted(submissions);
                    },
                    false);
            IntStream.rangeClosed(1, 5).forEach(line -> acceptNow(run, line, A));
            await().until(() -> !results.isEmpty());
            acceptNow(run, 6, A);
            acceptNow(run, 7, B);
            run.finish();
            assertThat(statuses()).containsExactly(503, 503, 503, 503, 503, 503, 0);
            assertThat(results.toString()).doesNotContain("secret");
        }

        @Test
        void ofOursIs500WithoutInternals() throws Exception {
            var run = run(
                    (execution, submissions) -> {
                        throw new IllegalStateException("select secret");
                    },
                    false);
            acceptNow(run, 1, A);
            run.finish();
            assertThat(statuses()).containsExactly(500);
            assertThat(results.toString()).doesNotContain("secret");
        }

        @Test
        void ofTheSpoolEndsTheBatch() throws Exception {
            var run = new BatchRun(
                    (execution, submissions) -> accepted(submissions),
                    false,
                    new LineResults("/", "r1"),
                    written -> {
                        throw new IOException("disk full");
                    },
                    meters,
                    SMALL);
            acceptNow(run, 1, A);
            run.finish();
            assertThat(run.isAborted()).isTrue();
        }

        private void acceptNow(BatchRun run, long line, ExecutionId execution) {
            try {
                run.accept(line, 10, command(execution, line));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
