package dev.runledger.query;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How far the read model is. Known in memory where this node folds the log; the token row tells it for the projection
 * of another node. It never goes back: tables that replace others are at least as far.
 */
@Component
public class ReadModelPosition {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(25);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /**
     * How far a rebuild is that must end before anything can be read; both 0 when nobody knows.
     *
     * @param failure why it does not go on; null when it does
     */
    public record Replay(long position, long head, @Nullable String failure) {}

    private static final Replay UNKNOWN = new Replay(0, 0, null);

    private final JdbcClient jdbc;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private final ReentrantLock looking = new ReentrantLock();

    /** Signalled when somebody begins to wait. */
    private final Condition wanted = lock.newCondition();

    private int waiting;
    private volatile long committed;
    private volatile boolean foldedHere;

    /** Null while the tables are there. */
    private volatile @Nullable Replay awaited;

    ReadModelPosition(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The rows of everything up to {@code position} are committed. */
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

    /** The tables are not there, or not this code's: nothing can be read until they are back. */
    public void lost() {
        if (awaited == null) {
            awaited = UNKNOWN;
        }
    }

    /**
     * How far those are that are going to be there; heeded only while there are none.
     *
     * @param failure why they do not come; null when they do
     */
    public void awaiting(long position, long head, @Nullable String failure) {
        if (awaited != null) {
            awaited = new Replay(position, head, failure);
        }
    }

    /** The tables are there. */
    public void restored() {
        awaited = null;
    }

    /** What has to end before anything can be read; null while the tables are there. */
    public @Nullable Replay awaited() {
        return awaited;
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

    /** What to answer where the tables are not there. */
    QueryProblem rebuilding() {
        var replay = awaited;
        return QueryProblem.rebuilding(replay == null ? UNKNOWN : replay);
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
            waiting++;
            try {
                if (committed < position) {
                    wanted.signalAll();
                    var ignored = advanced.await(Math.min(left, BETWEEN_LOOKS.toNanos()), TimeUnit.NANOSECONDS);
                }
            } finally {
                waiting--;
                lock.unlock();
            }
        }
        return true;
    }

    /** Lets {@code time} pass, for the projection; not while somebody waits for it. */
    public void rest(Duration time) throws InterruptedException {
        var left = time.toNanos();
        lock.lock();
        try {
            while (waiting == 0 && left > 0) {
                left = wanted.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reads the token row, on behalf of everybody who waits: who finds another looking waits for what it sees. */
    public void look() {
        var alone = looking.tryLock();
        if (!alone) {
            looking.lock();
        }
        try {
            if (alone) {
                advancedTo(jdbc.sql("""
                                select position
                                from read_model.projection_token
                                where name = :name
                                  and code_version = :codeVersion
                                """)
                        .param("name", ReadModelSchema.PROJECTION)
                        .param("codeVersion", ReadModelSchema.CODE_VERSION)
                        .query(Long.class)
                        .optional()
                        .orElse(0L));
            }
        } finally {
            looking.unlock();
        }
    }

    /** The token row; empty when the tables are another code's. Fails as {@link ReadModelSchema#isMissing} tells. */
    public Optional<ReadModelToken> token() {
        var token = jdbc.sql("""
                        select position, paused_at is not null as paused, stopped_at, stopped_reason,
                          case when claimed_at > clock_timestamp() - interval '10 seconds' then owner end as owner
                        from read_model.projection_token
                        where name = :name
                          and code_version = :codeVersion
                        """)
                .param("name", ReadModelSchema.PROJECTION)
                .param("codeVersion", ReadModelSchema.CODE_VERSION)
                .query((row, number) -> new ReadModelToken(
                        row.getLong("position"),
                        row.getString("owner"),
                        row.getBoolean("paused"),
                        Columns.bigint(row, "stopped_at"),
                        row.getString("stopped_reason")))
                .optional();
        token.ifPresent(found -> advancedTo(found.position()));
        return token;
    }
}
