package dev.runledger.eventstore;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Breaks a connection whose statement does not end. The driver's own bound is one of reading: a network that swallows
 * everything keeps the sender of a large statement for as long as the operating system tries again, which is many
 * minutes. Watches one connection at a time, and wakes up only once in the time that it grants.
 */
final class Watchdog {

    private static final Logger logger = LoggerFactory.getLogger(Watchdog.class);

    private final Duration patience;
    private final ScheduledThreadPoolExecutor thread;
    private @Nullable Connection watched;
    private long deadlineNanos;
    private boolean looks;

    /** @param patience that a statement may take */
    Watchdog(Duration patience) {
        this.patience = patience;
        this.thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("event-log-watchdog").factory());
        thread.setKeepAliveTime(10, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** A statement begins on this connection. */
    synchronized void begins(Connection connection) {
        watched = connection;
        deadlineNanos = System.nanoTime() + patience.toNanos();
        if (!looks) {
            // Where there is no thread to be had, the next statement tries again.
            lookIn(patience.toNanos());
            looks = true;
        }
    }

    /** The last statement has ended. */
    synchronized void ended() {
        watched = null;
    }

    private void lookIn(long nanos) {
        var ignored = thread.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        Connection overdue = overdue();
        if (overdue != null) {
            try {
                overdue.abort(Runnable::run);
            } catch (SQLException | RuntimeException e) {
                logger.warn("A connection on which the server takes nothing could not be broken", e);
            }
        }
    }

    private synchronized @Nullable Connection overdue() {
        Connection connection = watched;
        long left = deadlineNanos - System.nanoTime();
        if (connection != null && left > 0) {
            lookIn(left);
            return null;
        }
        looks = false;
        watched = null;
        return connection;
    }
}
