package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.DatabaseAway;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Lets one command of an execution in at a time, made of all requests that wait: they share one append, and so one
 * sync to disk, where each would wait for the one before it.
 *
 * <p>Whoever finds an execution idle has its request applied at once, alone and in its own thread: no hand-over, and
 * its interrupts concern nobody else. What arrives meanwhile waits, and is applied by a virtual thread that lives for
 * as long as something waits. Requests are taken in the order of their arrival. An execution without requests leaves
 * nothing behind.
 *
 * <p>A group fails as a whole only for what is nobody's own: the log does not answer, or writers of other nodes came
 * first. After any other failure each of its requests is applied alone.
 */
final class Mailboxes {

    /** Applies requests of one execution together: all or nothing, an outcome for each submission of each request. */
    @FunctionalInterface
    interface Application {
        List<List<Outcome>> apply(ExecutionId execution, List<Request> requests);
    }

    /**
     * @param submissions that are applied together at most; one request always fits
     * @param bytes of such submissions
     * @param waiting requests of one execution that wait at most
     * @param waitingBytes of such requests, except that one may always wait
     * @param patience how long a request waits for its turn
     * @param answer how long an answer may take from then on
     */
    record Limits(int submissions, long bytes, int waiting, long waitingBytes, Duration patience, Duration answer) {

        static final Limits USUAL =
                new Limits(1_000, 1 << 20, 4_096, 64 << 20, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    private final Application application;
    private final Limits limits;

    /** For each execution that is being worked on, the requests that wait; touched in the map's methods only. */
    private final ConcurrentHashMap<ExecutionId, Mailbox> mailboxes = new ConcurrentHashMap<>();

    Mailboxes(Application application, Limits limits) {
        this.application = application;
        this.limits = limits;
    }

    /** A request with the answer that its caller waits for. Equal to itself only: requests may be large, and alike. */
    private static final class Waiting {

        private final Request request;
        private final long bytes;
        private final CompletableFuture<List<Outcome>> answer = new CompletableFuture<>();

        Waiting(Request request) {
            this.request = request;
            this.bytes = request.bytes();
        }

        Request request() {
            return request;
        }

        CompletableFuture<List<Outcome>> answer() {
            return answer;
        }
    }

    /** The requests of one execution that wait, in the order of their arrival. */
    private static final class Mailbox {

        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private long bytes;

        boolean isEmpty() {
            return waiting.isEmpty();
        }

        boolean hasRoomFor(Waiting next, Limits limits) {
            return waiting.isEmpty()
                    || (waiting.size() < limits.waiting() && bytes + next.bytes <= limits.waitingBytes());
        }

        void add(Waiting next) {
            waiting.add(next);
            bytes += next.bytes;
        }

        @Nullable
        Waiting peek() {
            return waiting.peek();
        }

        Waiting remove() {
            var first = waiting.remove();
            bytes -= first.bytes;
            return first;
        }

        /** Whether it waited, and does so no more. */
        boolean remove(Waiting one) {
            var there = waiting.remove(one);
            if (there) {
                bytes -= one.bytes;
            }
            return there;
        }
    }

    /**
     * Returns when the request has been applied.
     *
     * @throws ConcurrencyException also when the request was not taken: too many wait, it has waited too long, or the
     *     thread was interrupted meanwhile
     * @throws DataAccessResourceFailureException when it was taken and is not answered
     */
    List<Outcome> apply(ExecutionId execution, Request request) {
        var own = new Waiting(request);
        if (isFirst(execution, own)) {
            try {
                applyAndAnswer(execution, List.of(own));
            } finally {
                handOver(execution);
            }
        }
        return await(execution, own);
    }

    /** How many executions are being worked on. */
    int busy() {
        return mailboxes.size();
    }

    /** Whether nobody works on the execution, so that the caller does; else its request waits from now on. */
    private boolean isFirst(ExecutionId execution, Waiting own) {
        var fresh = new Mailbox();
        return fresh
                == mailboxes.compute(execution, (id, waiting) -> {
                    if (waiting == null) {
                        return fresh;
                    }
                    if (!waiting.hasRoomFor(own, limits)) {
                        throw new ConcurrencyException("too many commands of " + execution + " wait");
                    }
                    waiting.add(own);
                    return waiting;
                });
    }

    private void handOver(ExecutionId execution) {
        var left = mailboxes.computeIfPresent(execution, (id, waiting) -> waiting.isEmpty() ? null : waiting);
        if (left != null) {
            try {
                Thread.ofVirtual().name("mailbox").start(() -> drain(execution));
            } catch (RuntimeException | Error e) {
                abandon(execution, List.of(), e);
            }
        }
    }

    private void drain(ExecutionId execution) {
        List<Waiting> group = List.of();
        try {
            for (group = take(execution); !group.isEmpty(); group = take(execution)) {
                applyAndAnswer(execution, group);
                // Those who were answered get the chance to ask again, and so to be in the next group.
                Thread.yield();
            }
        } catch (RuntimeException | Error e) {
            abandon(execution, group, e);
        }
    }

    /** The next group; when nothing waits it is empty, and nobody works on the execution any more. */
    private List<Waiting> take(ExecutionId execution) {
        var group = new ArrayList<Waiting>();
        mailboxes.computeIfPresent(execution, (id, waiting) -> {
            if (waiting.isEmpty()) {
                return null;
            }
            var submissions = 0L;
            var bytes = 0L;
            for (var next = waiting.peek(); next != null; next = waiting.peek()) {
                submissions += next.request().submissions().size();
                bytes += next.bytes;
                if (!group.isEmpty() && (submissions > limits.submissions() || bytes > limits.bytes())) {
                    break;
                }
                group.add(waiting.remove());
            }
            return waiting;
        });
        return group;
    }

    /** Answers every request of the group, whatever happens. */
    private void applyAndAnswer(ExecutionId execution, List<Waiting> group) {
        try {
            var outcomes = application.apply(
                    execution, group.stream().map(Waiting::request).toList());
            for (var i = 0; i < group.size(); i++) {
                group.get(i).answer().complete(outcomes.get(i));
            }
        } catch (ConcurrencyException e) {
            fail(group, e);
        } catch (RuntimeException e) {
            if (DatabaseAway.isBehind(e)) {
                fail(group, e);
            } else {
                applyEach(execution, group, e);
            }
        } catch (Error e) {
            fail(group, e);
        }
    }

    /** After a failure that may be due to one request of several. */
    private void applyEach(ExecutionId execution, List<Waiting> group, RuntimeException reason) {
        if (group.size() == 1) {
            fail(group, reason);
            return;
        }
        for (var i = 0; i < group.size(); i++) {
            var one = group.subList(i, i + 1);
            applyAndAnswer(execution, one);
            if (isUnavailable(one.getFirst())) {
                // The others would each wait for the log as long, and those behind them for all.
                fail(group.subList(i + 1, group.size()), one.getFirst().answer().exceptionNow());
                return;
            }
        }
    }

    private static boolean isUnavailable(Waiting answered) {
        return answered.answer().isCompletedExceptionally()
                && DatabaseAway.isBehind(answered.answer().exceptionNow());
    }

    private static void fail(List<Waiting> group, Throwable reason) {
        group.forEach(one -> one.answer().completeExceptionally(reason));
    }

    /** When nobody can work on the execution, everybody who waits is told, and it is free for the next request. */
    private void abandon(ExecutionId execution, List<Waiting> group, Throwable reason) {
        fail(group, reason);
        var left = mailboxes.remove(execution);
        if (left != null) {
            fail(List.copyOf(left.waiting), reason);
        }
    }

    private List<Outcome> await(ExecutionId execution, Waiting own) {
        try {
            return own.answer().get(limits.patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (isWithdrawn(execution, own)) {
                throw new ConcurrencyException("interrupted before the turn of commands of " + execution, e);
            }
        } catch (TimeoutException e) {
            if (isWithdrawn(execution, own)) {
                throw new ConcurrencyException("other commands of " + execution + " take too long", e);
            }
        } catch (ExecutionException e) {
            throw failure(own);
        }
        return awaitTaken(execution, own);
    }

    /** An interrupt does not end this wait: the events may well be stored already. */
    private List<Outcome> awaitTaken(ExecutionId execution, Waiting own) {
        try {
            return own.answer()
                    .orTimeout(limits.answer().toNanos(), TimeUnit.NANOSECONDS)
                    .join();
        } catch (CompletionException e) {
            if (own.answer().exceptionNow() instanceof TimeoutException) {
                throw new DataAccessResourceFailureException(
                        "commands of " + execution + " were not answered; whether they were appended is unknown", e);
            }
            throw failure(own);
        }
    }

    private static RuntimeException failure(Waiting answered) {
        return switch (answered.answer().exceptionNow()) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case Throwable e -> new IllegalStateException(e);
        };
    }

    /** Whether the request still waited and does so no more. */
    private boolean isWithdrawn(ExecutionId execution, Waiting own) {
        var withdrawn = new boolean[1];
        mailboxes.computeIfPresent(execution, (id, waiting) -> {
            withdrawn[0] = waiting.remove(own);
            return waiting;
        });
        return withdrawn[0];
    }
}
