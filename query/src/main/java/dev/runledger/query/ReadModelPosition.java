package dev.runledger.query;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How far the read model is. Known in memory where this node folds the log; the token row tells it for the projection
 * of another node.
 */
@Component
public class ReadModelPosition {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(25);

    private final JdbcClient jdbc;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private final ReentrantLock looking = new ReentrantLock();

    private volatile long committed;
    private volatile boolean foldedHere;
    private volatile long replayTo = -1;

    ReadModelPosition(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The rows of everything up to {@code position} are committed. Never goes back. */
    public void advancedTo(long position) {
        if (position <= committed) {
            return;
        }
        lock.lock();
        try {
            if (position > committed) {
                committed = position;
                advanced.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The tables were made anew: they hold nothing yet. */
    public void restarted() {
        lock.lock();
        try {
            committed = 0;
            replayTo = -1;
        } finally {
            lock.unlock();
        }
    }

    /** Whether this node's projection is the one that folds, so that the memory knows. */
    public void foldedHere(boolean here) {
        foldedHere = here;
    }

    /** A position that the rows have reached: what is read after this call is at least that far. */
    public long reached() {
        if (!foldedHere) {
            look();
        }
        return committed;
    }

    /** The last position that the rows are known to have reached, without asking the database. */
    public long lastKnown() {
        return committed;
    }

    /** Where a replay that is under way must come to before the rows may be shown; 0 when none is. */
    public long replayTo() {
        var to = replayTo;
        if (to < 0) {
            to = jdbc.sql("select replay_to from read_model.schema_version")
                    .query(Long.class)
                    .single();
            replayTo = to;
        }
        return to <= committed ? 0 : to <= reached() ? 0 : to;
    }

    /**
     * Waits until the rows have reached {@code position}.
     *
     * @return whether they have, before {@code timeout} was over
     */
    public boolean awaitAtLeast(long position, Duration timeout) throws InterruptedException {
        var end = System.nanoTime() + timeout.toNanos();
        while (committed < position) {
            var left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            if (!foldedHere) {
                look();
            }
            lock.lock();
            try {
                if (committed < position) {
                    var ignored = advanced.await(Math.min(left, BETWEEN_LOOKS.toNanos()), TimeUnit.NANOSECONDS);
                }
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    /** Reads the token row, on behalf of everybody who waits: who finds another looking waits for what it sees. */
    public void look() {
        var alone = looking.tryLock();
        if (!alone) {
            looking.lock();
        }
        try {
            if (alone) {
                advancedTo(jdbc.sql("select position from read_model.projection_token where name = :name")
                        .param("name", ReadModelSchema.PROJECTION)
                        .query(Long.class)
                        .single());
            }
        } finally {
            looking.unlock();
        }
    }
}
