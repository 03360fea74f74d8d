package dev.runledger.query;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait, first come, first served, up to a longest time.
 *
 * <p>Who waits does so without a limit of its own, and {@link #sweep} sends away who has waited for too long: for each
 * wait with a limit of a virtual thread the JDK wakes a thread twice, which takes longer than a short statement.
 *
 * @param <P> what each brings along
 */
final class Line<P extends Line.Place> {

    private enum State {
        WAITING,
        CALLED,
        SENT_AWAY
    }

    /** One thread's place. */
    static class Place {

        private final Thread thread = Thread.currentThread();
        private final long since;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

        Place() {
            this(System.nanoTime());
        }

        /** @param since from when on it counts as waiting, as {@link System#nanoTime} tells it */
        Place(long since) {
            this.since = since;
        }

        final long since() {
            return since;
        }

        /** Waits, in the thread that made this, until it is called; whether it was, and not sent away. */
        final boolean await() {
            while (state.get() == State.WAITING) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    leave(State.SENT_AWAY);
                    Thread.currentThread().interrupt();
                }
            }
            return state.get() == State.CALLED;
        }

        /** Calls it; whether it still waited. */
        final boolean call() {
            return leave(State.CALLED);
        }

        private boolean leave(State to) {
            var left = state.compareAndSet(State.WAITING, to);
            if (left) {
                LockSupport.unpark(thread);
            }
            return left;
        }

        private boolean hasWaited(long now, Duration longest) {
            return now - since > longest.toNanos();
        }
    }

    private final ArrayDeque<P> places = new ArrayDeque<>();
    private final Duration longest;

    Line(Duration longest) {
        this.longest = longest;
    }

    synchronized void join(P place) {
        places.add(place);
    }

    /** Takes the first place out of the line, which may have been sent away; null when there is none. */
    synchronized @Nullable P poll() {
        return places.poll();
    }

    synchronized boolean isEmpty() {
        return places.isEmpty();
    }

    /** Sends away who has waited for too long, who need not be the first in the line. */
    synchronized void sweep() {
        var now = System.nanoTime();
        places.removeIf(place -> {
            var late = ((Place) place).hasWaited(now, longest);
            if (late) {
                ((Place) place).leave(State.SENT_AWAY);
            }
            return late;
        });
    }
}
