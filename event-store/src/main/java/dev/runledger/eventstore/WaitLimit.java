package dev.runledger.eventstore;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the waiting for answers that do not come, at the latest a quarter after its time. One timer looks after all who
 * wait: a virtual thread that parks with a limit of its own has a timer set and cleared each time, which costs more
 * than the rest of its waiting.
 */
final class WaitLimit {

    private static final int LOOKS = 4;

    private final Duration limit;
    private final Set<PendingAppend> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looks = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread;

    /** @param limit how long an answer is waited for at least */
    WaitLimit(Duration limit) {
        this.limit = limit;
        this.thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("event-log-wait-limit").factory());
        thread.setKeepAliveTime(10, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** The append's caller waits from now on. */
    void begins(PendingAppend append) {
        waiting.add(append);
        lookLater();
    }

    /** The append's caller waits no more. */
    void ended(PendingAppend append) {
        waiting.remove(append);
    }

    private void lookLater() {
        if (!looks.get() && looks.compareAndSet(false, true)) {
            try {
                var ignored = thread.schedule(this::look, limit.toNanos() / LOOKS, TimeUnit.NANOSECONDS);
            } catch (RuntimeException | Error e) {
                // No thread to be had: the next append tries again.
                looks.set(false);
                throw e;
            }
        }
    }

    private void look() {
        long now = System.nanoTime();
        for (PendingAppend append : waiting) {
            append.endWait(now, limit);
        }
        looks.set(false);
        if (!waiting.isEmpty()) {
            lookLater();
        }
    }
}
