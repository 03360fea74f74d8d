package dev.runledger.eventstore;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One caller's events on their way into the log, all or none, and the answer that the caller waits for. */
final class PendingAppend {

    private static final int EVENT_OVERHEAD_BYTES = 512;

    private final List<NewEvent> events;
    private final long bytes;
    private final long deadlineNanos;
    private final CompletableFuture<List<AppendReceipt>> answer = new CompletableFuture<>();

    /** @param deadlineNanos until when a database that is away is waited for, as {@link System#nanoTime} */
    PendingAppend(List<NewEvent> events, long deadlineNanos) {
        this.events = events;
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

    /**
     * Waits for the answer; an interrupt does not end the wait, as the events may well be stored already.
     *
     * @throws TimeoutException when none came in time
     */
    List<AppendReceipt> await(Duration limit) throws SQLException, StaleAppendException, TimeoutException {
        long end = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof StaleAppendException stale) {
                throw stale;
            }
            if (cause instanceof SQLException sql) {
                throw sql;
            }
            if (cause instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
