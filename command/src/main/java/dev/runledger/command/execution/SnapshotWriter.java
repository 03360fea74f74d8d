package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes snapshots of executions on a thread of its own: nobody waits for them, and one that fails is missed by
 * nobody. The next one of the same execution is as far away after a failure as after a success.
 */
final class SnapshotWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
    private static final int WAITING = 8;
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final EventStorageEngine engine;
    private final Set<ExecutionId> onTheirWay = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor thread;

    SnapshotWriter(EventStorageEngine engine) {
        this.engine = engine;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                Thread.ofPlatform().daemon().name("execution-snapshots").factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Has a snapshot written, unless one of the execution is on its way, or too many others are: then it is due again
     * with the next command.
     *
     * @param tried run once it is written, or has failed
     */
    void write(ExecutionId execution, KnownExecution known, Runnable tried) {
        if (!onTheirWay.add(execution)) {
            return;
        }
        try {
            thread.execute(() -> {
                try {
                    store(execution, known);
                    tried.run();
                } finally {
                    onTheirWay.remove(execution);
                }
            });
        } catch (RejectedExecutionException e) {
            onTheirWay.remove(execution);
            LOG.debug("No snapshot of {}: too many are on their way", execution);
        }
    }

    private void store(ExecutionId execution, KnownExecution known) {
        try {
            engine.storeSnapshot(new GenericDomainEventMessage<>(
                    Execution.class.getSimpleName(),
                    execution.toString(),
                    known.state().version() - 1,
                    known.state()));
        } catch (RuntimeException | Error e) {
            LOG.warn("No snapshot of {} at version {}", execution, known.state().version(), e);
        }
    }

    /** Writes no more snapshots; the one that is being written is waited for a moment. */
    @Override
    public void close() {
        thread.getQueue().clear();
        thread.shutdown();
        try {
            if (!thread.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("A snapshot was still being written when the server stopped");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
