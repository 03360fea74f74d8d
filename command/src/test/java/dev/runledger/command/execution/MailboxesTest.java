package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.EXECUTION;
import static dev.runledger.command.execution.Scenario.NOW;
import static dev.runledger.command.execution.Scenario.cancel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.runledger.command.execution.Mailboxes.Limits;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessResourceFailureException;

@Timeout(60)
class MailboxesTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Limits LIMITS = new Limits(1_000, 1 << 20, 1_000, 64 << 20, LONG, LONG);

    /** A request that its actor names. */
    private static Request request(String name, int submissions, int bytes) {
        return new Request(
                Collections.nCopies(submissions, new Submission(cancel(name), NOW, null, null, bytes)),
                false,
                new Origin(name, name, null));
    }

    private static Request request(String name) {
        return request(name, 1, 100);
    }

    private static String name(Request request) {
        return request.origin().actor();
    }

    /** Every outcome's position is the name's hash, so that one caller's answer is no other's. */
    private static Outcome outcome(String name) {
        return new Outcome.Accepted(1, name.hashCode(), ExecutionStatus.RUNNING, Outcome.Effect.APPENDED, List.of());
    }

    /**
     * Applies what comes, one group at a time for an execution; the first group only once the gate is open. A request
     * called {@code bad…} makes its group fail.
     */
    private static final class Gate implements Mailboxes.Application {

        final List<List<String>> groups = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch open = new CountDownLatch(1);
        private final AtomicInteger inside = new AtomicInteger();

        @Override
        public List<List<Outcome>> apply(ExecutionId execution, List<Request> requests) {
            assertThat(inside.incrementAndGet()).as("groups at once").isEqualTo(1);
            try {
                groups.add(requests.stream().map(MailboxesTest::name).toList());
                open.await();
                for (var request : requests) {
                    switch (name(request)) {
                        case "bad" -> throw new IllegalArgumentException("too large");
                        case "bad conflict" -> throw new ConcurrencyException("others came first");
                        case "bad connection" -> throw new DataAccessResourceFailureException("away");
                        case "bad error" -> throw new AssertionError("broken");
                        default -> {}
                    }
                }
                return requests.stream()
                        .map(request ->
                                Collections.nCopies(request.submissions().size(), outcome(name(request))))
                        .toList();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                inside.decrementAndGet();
            }
        }
    }

    private final Gate gate = new Gate();

    private static Thread start(FutureTask<?> task) {
        return Thread.ofVirtual().start(task);
    }

    private static FutureTask<List<Outcome>> task(Mailboxes mailboxes, Request request) {
        return new FutureTask<>(() -> mailboxes.apply(EXECUTION, request));
    }

    private static Future<List<Outcome>> send(Mailboxes mailboxes, Request request) {
        var task = task(mailboxes, request);
        start(task);
        return task;
    }

    /** Sends a request that everything after it has to wait for, until the gate is opened. */
    private Future<List<Outcome>> first(Mailboxes mailboxes) {
        var first = send(mailboxes, request("first"));
        await().until(() -> !gate.groups.isEmpty());
        return first;
    }

    /** Sends requests one after the other, each once the one before it waits. */
    private static List<Future<List<Outcome>>> line(Mailboxes mailboxes, Request... requests) {
        var sent = new ArrayList<Future<List<Outcome>>>();
        for (var request : requests) {
            var task = task(mailboxes, request);
            var thread = start(task);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING || task.isDone());
            sent.add(task);
        }
        return sent;
    }

    private static Outcome only(Future<List<Outcome>> answer) throws InterruptedException, ExecutionException {
        var outcomes = answer.get();
        assertThat(outcomes).hasSize(1);
        return outcomes.getFirst();
    }

    @Nested
    class RequestsOfOneExecution {

        private final Mailboxes mailboxes = new Mailboxes(gate, LIMITS);

        @Test
        void areAppliedTogetherInTheOrderOfTheirArrival() throws Exception {
            var first = first(mailboxes);
            var others = line(mailboxes, request("a"), request("b"), request("c"));
            gate.open.countDown();
            assertThat(only(first)).isEqualTo(outcome("first"));
            assertThat(only(others.get(0))).isEqualTo(outcome("a"));
            assertThat(only(others.get(1))).isEqualTo(outcome("b"));
            assertThat(only(others.get(2))).isEqualTo(outcome("c"));
            assertThat(gate.groups).containsExactly(List.of("first"), List.of("a", "b", "c"));
        }

        @Test
        void getEachItsOwnAnswerAgainAndAgain() throws Exception {
            gate.open.countDown();
            var callers = IntStream.range(0, 256)
                    .mapToObj(caller -> new FutureTask<>(() -> {
                        for (var n = 0; n < 40; n++) {
                            var name = caller + "/" + n;
                            assertThat(mailboxes.apply(EXECUTION, request(name)))
                                    .containsExactly(outcome(name));
                        }
                        return null;
                    }))
                    .toList();
            callers.forEach(MailboxesTest::start);
            for (var caller : callers) {
                caller.get();
            }
            assertThat(gate.groups.stream().mapToInt(List::size).sum()).isEqualTo(256 * 40);
        }

        @Test
        void leaveNothingBehind() throws Exception {
            var first = first(mailboxes);
            var others = line(mailboxes, request("a"), request("bad"), request("b"));
            assertThat(mailboxes.busy()).isOne();
            gate.open.countDown();
            first.get();
            others.getLast().get();
            await().until(() -> mailboxes.busy() == 0);
        }

        @Test
        void doNotWaitForThoseOfOtherExecutions() throws Exception {
            var other = new ExecutionId("default", new UUID(1, 1));
            var both = new Mailboxes(
                    (execution, requests) -> execution.equals(other)
                            ? List.of(List.of(outcome("free")))
                            : gate.apply(execution, requests),
                    LIMITS);
            var stuck = first(both);
            assertThat(both.apply(other, request("free"))).containsExactly(outcome("free"));
            gate.open.countDown();
            assertThat(only(stuck)).isEqualTo(outcome("first"));
        }
    }

    @Nested
    class AGroup {

        @Test
        void hasAtMostSoManySubmissionsButOneRequestAlways() throws Exception {
            var mailboxes = new Mailboxes(gate, new Limits(10, 1 << 20, 1_000, 64 << 20, LONG, LONG));
            first(mailboxes);
            var others =
                    line(mailboxes, request("a", 6, 1), request("b", 4, 1), request("c", 1, 1), request("d", 20, 1));
            gate.open.countDown();
            assertThat(others.get(3).get()).hasSize(20);
            assertThat(gate.groups).containsExactly(List.of("first"), List.of("a", "b"), List.of("c"), List.of("d"));
        }

        @Test
        void hasAtMostSoManyBytesButOneRequestAlways() throws Exception {
            var mailboxes = new Mailboxes(gate, new Limits(1_000, 100, 1_000, 64 << 20, LONG, LONG));
            first(mailboxes);
            var others = line(mailboxes, request("a", 1, 60), request("b", 2, 20), request("c", 1, 101));
            gate.open.countDown();
            others.get(2).get();
            assertThat(gate.groups).containsExactly(List.of("first"), List.of("a", "b"), List.of("c"));
        }

        @Test
        void thatFailsForOneOfItsRequestsFailsForThatOneAlone() throws Exception {
            var mailboxes = new Mailboxes(gate, LIMITS);
            first(mailboxes);
            var others = line(mailboxes, request("a"), request("bad"), request("b"));
            gate.open.countDown();
            assertThat(only(others.get(0))).isEqualTo(outcome("a"));
            assertThat(only(others.get(2))).isEqualTo(outcome("b"));
            assertThatThrownBy(() -> others.get(1).get()).cause().isInstanceOf(IllegalArgumentException.class);
            assertThat(gate.groups)
                    .containsExactly(
                            List.of("first"), List.of("a", "bad", "b"), List.of("a"), List.of("bad"), List.of("b"));
        }

        @Test
        void thatOthersOvertookAgainAndAgainFailsAsAWhole() {
            var mailboxes = new Mailboxes(gate, LIMITS);
            first(mailboxes);
            var others = line(mailboxes, request("a"), request("bad conflict"));
            gate.open.countDown();
            assertThat(others)
                    .allSatisfy(
                            other -> assertThatThrownBy(other::get).cause().isInstanceOf(ConcurrencyException.class));
            assertThat(gate.groups).hasSize(2);
        }

        @Test
        void thatFindsTheDatabaseAwayFailsAsAWhole() {
            var mailboxes = new Mailboxes(gate, LIMITS);
            first(mailboxes);
            var others = line(mailboxes, request("a"), request("bad connection"), request("b"));
            gate.open.countDown();
            assertThat(others)
                    .allSatisfy(other -> assertThatThrownBy(other::get)
                            .cause()
                            .isInstanceOf(DataAccessResourceFailureException.class));
            assertThat(gate.groups).hasSize(2);
        }

        @Test
        void thatBreaksAnswersEverybodyAndTheNextIsAppliedAsEver() throws Exception {
            var mailboxes = new Mailboxes(gate, LIMITS);
            first(mailboxes);
            var others = line(mailboxes, request("a"), request("bad error"));
            gate.open.countDown();
            assertThat(others)
                    .allSatisfy(other -> assertThatThrownBy(other::get).cause().isInstanceOf(AssertionError.class));
            assertThat(only(send(mailboxes, request("b")))).isEqualTo(outcome("b"));
        }

        @Test
        void waitsForTheNextOneWhenTheFirstBreaks() throws Exception {
            var mailboxes = new Mailboxes(gate, LIMITS);
            var broken = send(mailboxes, request("bad error"));
            await().until(() -> !gate.groups.isEmpty());
            var other = line(mailboxes, request("a")).getFirst();
            gate.open.countDown();
            assertThatThrownBy(broken::get).cause().isInstanceOf(AssertionError.class);
            assertThat(only(other)).isEqualTo(outcome("a"));
        }
    }

    @Nested
    class ACallerThatWaits {

        private final Mailboxes mailboxes = new Mailboxes(gate, LIMITS);

        @Test
        void goesAwayUnheardWhenItIsInterrupted() throws Exception {
            var first = first(mailboxes);
            var interrupted = new FutureTask<>(() -> {
                assertThatThrownBy(() -> mailboxes.apply(EXECUTION, request("late")))
                        .isInstanceOf(ConcurrencyException.class);
                return Thread.currentThread().isInterrupted();
            });
            var thread = start(interrupted);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            var other = line(mailboxes, request("a")).getFirst();
            thread.interrupt();
            assertThat(interrupted.get()).as("is still interrupted").isTrue();
            gate.open.countDown();
            first.get();
            assertThat(only(other)).isEqualTo(outcome("a"));
            assertThat(gate.groups).containsExactly(List.of("first"), List.of("a"));
        }

        @Test
        void getsItsAnswerWhenItIsInterruptedTooLate() throws Exception {
            var inSecond = new CountDownLatch(1);
            var secondMayGo = new CountDownLatch(1);
            var slow = new Mailboxes(
                    (execution, requests) -> {
                        if (requests.stream().anyMatch(request -> name(request).equals("a"))) {
                            inSecond.countDown();
                            awaitOpen(secondMayGo);
                        }
                        return gate.apply(execution, requests);
                    },
                    LIMITS);
            first(slow);
            var interrupted = new FutureTask<>(() -> {
                assertThat(slow.apply(EXECUTION, request("a"))).containsExactly(outcome("a"));
                return Thread.currentThread().isInterrupted();
            });
            var thread = start(interrupted);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            gate.open.countDown();
            inSecond.await();
            thread.interrupt();
            secondMayGo.countDown();
            assertThat(interrupted.get()).as("is still interrupted").isTrue();
        }

        @Test
        void isToldThatTooManyWait() throws Exception {
            var small = new Mailboxes(gate, new Limits(1_000, 1 << 20, 2, 64 << 20, LONG, LONG));
            first(small);
            var others = line(small, request("a"), request("b"));
            assertThatThrownBy(() -> small.apply(EXECUTION, request("c"))).isInstanceOf(ConcurrencyException.class);
            gate.open.countDown();
            assertThat(only(others.getLast())).isEqualTo(outcome("b"));
        }

        @Test
        void isToldThatTooMuchWaitsButOneRequestAlwaysMay() throws Exception {
            var small = new Mailboxes(gate, new Limits(1_000, 1 << 20, 1_000, 100, LONG, LONG));
            first(small);
            var others = line(small, request("a", 1, 1_000));
            assertThatThrownBy(() -> small.apply(EXECUTION, request("b", 1, 1)))
                    .isInstanceOf(ConcurrencyException.class);
            gate.open.countDown();
            assertThat(only(others.getFirst())).isEqualTo(outcome("a"));
            await().until(() -> small.busy() == 0);
            assertThat(small.apply(EXECUTION, request("b", 1, 1))).containsExactly(outcome("b"));
        }

        @Test
        void takesItsPlaceWithItWhenItGoesAway() throws Exception {
            var small = new Mailboxes(gate, new Limits(1_000, 1 << 20, 1_000, 100, LONG, LONG));
            first(small);
            var gone = new FutureTask<>(() -> small.apply(EXECUTION, request("gone", 1, 100)));
            var thread = start(gone);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            thread.interrupt();
            assertThatThrownBy(gone::get).cause().isInstanceOf(ConcurrencyException.class);
            var others = line(small, request("a", 1, 60), request("b", 1, 40));
            gate.open.countDown();
            assertThat(only(others.getLast())).isEqualTo(outcome("b"));
        }

        /** Both say the same, so that only who asks tells them apart. */
        @Test
        void withdrawsItsOwnRequestOnly() throws Exception {
            var mailboxes = new Mailboxes(gate, LIMITS);
            first(mailboxes);
            var other = line(mailboxes, request("same")).getFirst();
            var gone = new FutureTask<>(() -> mailboxes.apply(EXECUTION, request("same")));
            var thread = start(gone);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            thread.interrupt();
            assertThatThrownBy(gone::get).cause().isInstanceOf(ConcurrencyException.class);
            gate.open.countDown();
            assertThat(only(other)).isEqualTo(outcome("same"));
        }

        @Test
        void isToldThatItsTurnDoesNotCome() throws Exception {
            var impatient = new Mailboxes(gate, new Limits(1_000, 1 << 20, 1_000, 64 << 20, SHORT, LONG));
            var first = first(impatient);
            assertThatThrownBy(() -> impatient.apply(EXECUTION, request("a"))).isInstanceOf(ConcurrencyException.class);
            gate.open.countDown();
            first.get();
            await().until(() -> impatient.busy() == 0);
            assertThat(gate.groups).containsExactly(List.of("first"));
        }

        @Test
        void isToldThatTheOutcomeIsUnknownWhenNoAnswerComes() {
            var mayGo = new CountDownLatch(1);
            var impatient = new Mailboxes(
                    (execution, requests) -> {
                        var outcomes = gate.apply(execution, requests);
                        if (requests.stream().anyMatch(request -> name(request).equals("a"))) {
                            awaitOpen(mayGo);
                        }
                        return outcomes;
                    },
                    new Limits(1_000, 1 << 20, 1_000, 64 << 20, LONG, SHORT));
            first(impatient);
            var interrupted = new FutureTask<>(() -> impatient.apply(EXECUTION, request("a")));
            var thread = start(interrupted);
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            gate.open.countDown();
            await().until(() -> gate.groups.size() == 2);
            // Ends the wait for its turn.
            thread.interrupt();
            assertThatThrownBy(interrupted::get).cause().isInstanceOf(DataAccessResourceFailureException.class);
            mayGo.countDown();
        }
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
