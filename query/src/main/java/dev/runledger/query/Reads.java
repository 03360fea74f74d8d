package dev.runledger.query;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.stereotype.Component;

/**
 * A queue before the connection pool, first come, first served: left to itself the pool starves some callers for
 * seconds when there are many more of them than connections.
 */
@Component
public class Reads {

    private static final int LONGEST_WAIT_SECONDS = 10;

    private final Semaphore turns;
    private final ReadModelPosition position;

    Reads(ReadModelPosition position, @Value("${runledger.query.concurrent-reads:8}") int concurrently) {
        this.position = position;
        this.turns = new Semaphore(concurrently, true);
    }

    /**
     * As {@link #inTurn}, of the read model's tables.
     *
     * @throws QueryProblem when they are not there, or not this code's
     */
    public <T> T ofTables(Supplier<T> read) {
        if (position.awaited() != null) {
            throw position.rebuilding();
        }
        return inTurn(read);
    }

    /** Runs {@code read}, which holds no connection when it returns, when its turn has come. */
    public <T> T inTurn(Supplier<T> read) {
        try {
            if (!turns.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw QueryProblem.overloaded();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw QueryProblem.overloaded();
        }
        try {
            return read.get();
        } catch (InvalidDataAccessResourceUsageException e) {
            throw ReadModelSchema.isMissing(e) ? position.rebuilding() : e;
        } finally {
            turns.release();
        }
    }
}
