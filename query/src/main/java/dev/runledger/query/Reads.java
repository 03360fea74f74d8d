package dev.runledger.query;

import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.stereotype.Component;

/**
 * A queue before the connection pools, first come, first served: left to itself a pool starves some callers for
 * seconds when there are many more of them than connections.
 */
@Component
public class Reads {

    private static final Logger log = LoggerFactory.getLogger(Reads.class);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(1);

    private final ReadModelPosition position;
    private final Line<Line.Place> waiting = new Line<>(LONGEST_WAIT);
    private final List<Gathering<?, ?>> gatherings = new CopyOnWriteArrayList<>();
    private final Thread sweeper = Thread.ofVirtual().name("reads-sweeper").unstarted(this::sweep);
    private int free;

    Reads(ReadModelPosition position, @Value("${runledger.query.concurrent-reads:8}") int concurrently) {
        this.position = position;
        this.free = concurrently;
        sweeper.start();
    }

    /**
     * As {@link #inTurn}, of the read model's tables.
     *
     * @throws QueryProblem when they are not there, or not this code's
     */
    public <T> T ofTables(Supplier<T> read) {
        return ofTables(read, System.nanoTime());
    }

    private <T> T ofTables(Supplier<T> read, long since) {
        if (position.awaited() != null) {
            throw position.rebuilding();
        }
        return inTurn(read, since);
    }

    /** Runs {@code read}, which holds no connection when it returns, when its turn has come. */
    public <T> T inTurn(Supplier<T> read) {
        return inTurn(read, System.nanoTime());
    }

    private <T> T inTurn(Supplier<T> read, long since) {
        begin(since);
        try {
            return read.get();
        } catch (InvalidDataAccessResourceUsageException e) {
            throw ReadModelSchema.isMissing(e) ? position.rebuilding() : e;
        } finally {
            end();
        }
    }

    /**
     * Questions that are answered several at once: see {@link Gathering}. How long they have waited there counts here.
     *
     * @param together answers what it is asked, in the order of the questions
     */
    public <Q, A> Gathering<Q, A> gathering(Function<List<Q>, List<A>> together) {
        var gathering = new Gathering<Q, A>(
                LONGEST_WAIT, (questions, since) -> ofTables(() -> together.apply(questions), since));
        gatherings.add(gathering);
        return gathering;
    }

    private void begin(long since) {
        var place = placeUnlessFree(since);
        if (place != null && !place.await()) {
            throw QueryProblem.overloaded();
        }
    }

    private synchronized Line.@Nullable Place placeUnlessFree(long since) {
        if (free > 0) {
            free--;
            return null;
        }
        var place = new Line.Place(since);
        waiting.join(place);
        return place;
    }

    /** The turn that has ended is that of the first in the line who is still there. */
    private synchronized void end() {
        for (var next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.call()) {
                return;
            }
        }
        free++;
    }

    private void sweep() {
        try {
            while (true) {
                Thread.sleep(BETWEEN_SWEEPS);
                sweepOnce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody else sends away who waits, so that this goes on whatever happens. */
    private void sweepOnce() {
        try {
            waiting.sweep();
            gatherings.forEach(Gathering::sweep);
        } catch (RuntimeException | Error e) {
            log.error("who waits for a read could not be looked through", e);
        }
    }

    @PreDestroy
    void stop() {
        sweeper.interrupt();
    }
}
