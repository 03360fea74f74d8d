package dev.runledger.eventstore;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** One caller's events on their way into the log, all or none, and the answer that the caller waits for. */
final class PendingAppend {

    private static final int EVENT_OVERHEAD_BYTES = 512;

    private final List<NewEvent> events;
    private final int attempt;
    private final long bytes;
    private final long deadlineNanos;
    private final CompletableFuture<List<AppendReceipt>> answer = new CompletableFuture<>();

    private volatile long waitsSinceNanos;

    /**
     * @param attempt       how often the caller has decided this, as {@link AppendAttempt} says
     * @param deadlineNanos until when a database that is away is waited for, as {@link System#nanoTime}
     */
    PendingAppend(List<NewEvent> events, int attempt, long deadlineNanos) {
        this.events = events;
        this.attempt = attempt;
        this.deadlineNanos = deadlineNanos;
        long sum = 0;
        for (NewEvent event : events) {
            sum += event.bytes() + EVENT_OVERHEAD_BYTES;
        }
        this.bytes = sum;
    }

    List<NewEvent> events() {
        return events;
    }

    int attempt() {
        return attempt;
    }

    /** A guess of the memory that it holds. */
    long bytes() {
        return bytes;
    }

    boolean isOverdue() {
        return System.nanoTime() - deadlineNanos >= 0;
    }

    void stored(List<AppendReceipt> receipts) {
        answer.complete(receipts);
    }

    void failed(Throwable reason) {
        answer.completeExceptionally(reason);
    }

    /** Ends the wait that began longer than {@code limit} ago, if there is no answer yet. */
    void endWait(long nowNanos, Duration limit) {
        if (nowNanos - waitsSinceNanos >= limit.toNanos()) {
            answer.completeExceptionally(new TimeoutException());
        }
    }

    /**
     * Waits for the answer; an interrupt does not end the wait, as the events may well be stored already.
     *
     * @throws TimeoutException when none came in time
     */
    List<AppendReceipt> await(WaitLimit limit) throws SQLException, StaleAppendException, TimeoutException {
        if (!answer.isDone()) {
            waitsSinceNanos = System.nanoTime();
            try {
                limit.begins(this);
                awaitDone();
            } finally {
                limit.ended(this);
            }
        }
        return switch (answer.state()) {
            case SUCCESS -> answer.resultNow();
            case FAILED, CANCELLED, RUNNING -> throw failure();
        };
    }

    /** Without a limit of its own: {@link WaitLimit} ends it. */
    private void awaitDone() {
        boolean interrupted = false;
        while (!answer.isDone()) {
            try {
                answer.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                // told by the answer
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws what a caller can tell apart, returns nothing. */
    private RuntimeException failure() throws SQLException, StaleAppendException, TimeoutException {
        switch (answer.exceptionNow()) {
            case StaleAppendException e -> throw e;
            case SQLException e -> throw e;
            case TimeoutException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
