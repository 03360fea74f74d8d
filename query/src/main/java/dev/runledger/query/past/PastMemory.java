package dev.runledger.query.past;

import dev.runledger.query.QueryProblem;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * The memory that all requests for the past may take together: what they read, what they fold, and what they make of it,
 * until they are answered. First come, first served, whatever each wants.
 */
@Component
public class PastMemory {

    private static final int UNIT = 1024;

    /** Who holds some and wants more keeps others waiting meanwhile. */
    private static final Duration LONGEST_WAIT_FOR_MORE = Duration.ofSeconds(2);

    private final int all;
    private final Semaphore free;
    private final Duration longestWait;

    @Autowired
    PastMemory(
            @Value("${runledger.query.past.requests-memory-percent:25}") int percent,
            @Value("${runledger.query.past.longest-wait-seconds:10}") int longestWaitSeconds) {
        this(Runtime.getRuntime().maxMemory() / 100 * percent, Duration.ofSeconds(longestWaitSeconds));
    }

    /**
     * @param bytes for all requests
     * @param longestWait of a request that holds nothing
     */
    public PastMemory(long bytes, Duration longestWait) {
        this.all = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT);
        this.free = new Semaphore(all, true);
        this.longestWait = longestWait;
    }

    /** How many bytes there are for all requests. */
    long bytes() {
        return (long) all * UNIT;
    }

    /** How many bytes a view may take: it is read in parts, of which there are some more. */
    long bytesOfView() {
        return bytes() / 2;
    }

    /** How many of them nobody holds. */
    public long freeBytes() {
        return (long) free.availablePermits() * UNIT;
    }

    /** Does {@code work} with the share of the HTTP request under way, which it keeps until it is answered. */
    public <T> T with(Function<Share, T> work) {
        var request = RequestContextHolder.getRequestAttributes();
        if (request == null) {
            try (var share = new Share()) {
                return work.apply(share);
            }
        }
        var name = PastMemory.class.getName() + "@" + System.identityHashCode(this);
        var known = request.getAttribute(name, RequestAttributes.SCOPE_REQUEST);
        if (known instanceof Share share) {
            return work.apply(share);
        }
        var share = new Share();
        request.setAttribute(name, share, RequestAttributes.SCOPE_REQUEST);
        request.registerDestructionCallback(name, share::close, RequestAttributes.SCOPE_REQUEST);
        return work.apply(share);
    }

    /** What one request holds. Used by one thread at a time. */
    public final class Share implements AutoCloseable {

        private long bytes;
        private int units;

        private Share() {}

        /**
         * Takes so many bytes more, or gives so many back where they are less than 0; waits for them in its turn.
         *
         * @throws QueryProblem when there are none in time, or can never be so many
         */
        public void add(long more) {
            var wanted = unitsOf(bytes + more) - units;
            if (unitsOf(bytes + more) > all) {
                throw QueryProblem.tooLarge(
                        "What is asked for takes more of the server's memory than a request may have.");
            }
            if (wanted > 0) {
                await(wanted, units == 0 ? longestWait : LONGEST_WAIT_FOR_MORE);
            } else {
                free.release((int) -wanted);
            }
            bytes += more;
            units += (int) wanted;
        }

        /** {@code bytes}, or what a request may have of them for the part of a history that it reads. */
        long atMostOnePart(long bytes) {
            return Math.min(bytes, bytes() / 4);
        }

        /** What a part may have where several are to be read side by side, by several requests. */
        long oneOfSeveralParts() {
            return bytes() / 16;
        }

        /**
         * Takes so many bytes more for a part of a history that is not needed yet, where they are free.
         *
         * @param others how many it has for other such parts
         * @return whether it got them
         */
        boolean addAhead(long more, long others) {
            var wanted = unitsOf(bytes + more) - units;
            if (others + more > bytes() / 4 || !free.tryAcquire((int) wanted)) {
                return false;
            }
            bytes += more;
            units += (int) wanted;
            return true;
        }

        @Override
        public void close() {
            free.release(units);
            bytes = 0;
            units = 0;
        }

        private void await(long wanted, Duration atMost) {
            try {
                if (free.tryAcquire((int) wanted, atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw QueryProblem.pastOverloaded();
        }

        private static long unitsOf(long bytes) {
            return Math.ceilDiv(Math.max(0, bytes), UNIT);
        }
    }
}
