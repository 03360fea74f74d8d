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
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final JdbcClient jdbc;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private final ReentrantLock looking = new ReentrantLock();

    private volatile long committed;
    private volatile boolean foldedHere;
    private volatile long replayTo = -1;
    private volatile boolean gone;
    private volatile long incarnation;

    ReadModelPosition(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Counts how often the tables were lost or made anew: what was learned of other ones is worth nothing. */
    public long incarnation() {
        return incarnation;
    }

    /** The rows of everything up to {@code position} are committed, in the tables of {@code of}. Never goes back. */
    public void advancedTo(long position, long of) {
        if (position <= committed) {
            return;
        }
        lock.lock();
        try {
            if (position > committed && of == incarnation) {
                committed = position;
                advanced.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The tables are not there and are going to be made anew. */
    public void lost() {
        lock.lock();
        try {
            gone = true;
            incarnation++;
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
            gone = false;
            incarnation++;
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

    /**
     * Whether what was read since {@code since} was taken from tables that may be shown, all of them the same.
     *
     * @param since the {@link #incarnation} before reading
     */
    boolean mayShow(long since) {
        return !gone && since == incarnation && replayTo() == 0;
    }

    /** Where a replay that is under way must come to before the rows may be shown; 0 when none is. */
    public long replayTo() {
        var to = replayTo;
        var since = incarnation;
        if (to < 0) {
            to = jdbc.sql("select replay_to from read_model.schema_version")
                    .query(Long.class)
                    .single();
            if (since == incarnation) {
                replayTo = to;
            }
        }
        return to <= committed ? 0 : to <= reached() ? 0 : to;
    }

    /**
     * Waits until the rows have reached {@code position}, for five seconds.
     *
     * @throws QueryProblem when they have not by then
     */
    public void require(long position) {
        try {
            if (awaitAtLeast(position, LONGEST_WAIT)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw QueryProblem.behind(position, committed);
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
                var of = incarnation;
                advancedTo(
                        jdbc.sql("select position from read_model.projection_token where name = :name")
                                .param("name", ReadModelSchema.PROJECTION)
                                .query(Long.class)
                                .single(),
                        of);
            }
        } finally {
            looking.unlock();
        }
    }
}
