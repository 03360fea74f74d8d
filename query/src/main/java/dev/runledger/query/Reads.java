package dev.runledger.query;

import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.stereotype.Component;

/**
 * A queue before the connection pools, first come, first served: left to itself a pool starves some callers for
 * seconds when there are many more of them than connections.
 */
@Component
public class Reads {

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
        if (position.awaited() != null) {
            throw position.rebuilding();
        }
        return inTurn(read);
    }

    /** Runs {@code read}, which holds no connection when it returns, when its turn has come. */
    public <T> T inTurn(Supplier<T> read) {
        begin();
        try {
            return read.get();
        } catch (InvalidDataAccessResourceUsageException e) {
            throw ReadModelSchema.isMissing(e) ? position.rebuilding() : e;
        } finally {
            end();
        }
    }

    /**
     * Questions that are answered several at once: see {@link Gathering}.
     *
     * @param together answers what it is asked, in the order of the questions
     */
    public <Q, A> Gathering<Q, A> gathering(Function<List<Q>, List<A>> together) {
        var gathering = new Gathering<Q, A>(LONGEST_WAIT, questions -> ofTables(() -> together.apply(questions)));
        gatherings.add(gathering);
        return gathering;
    }

    private void begin() {
        var place = placeUnlessFree();
        if (place != null && !place.await()) {
            throw QueryProblem.overloaded();
        }
    }

    private synchronized Line.@Nullable Place placeUnlessFree() {
        if (free > 0) {
            free--;
            return null;
        }
        var place = new Line.Place();
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
                waiting.sweep();
                gatherings.forEach(Gathering::sweep);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @PreDestroy
    void stop() {
        sweeper.interrupt();
    }
}
