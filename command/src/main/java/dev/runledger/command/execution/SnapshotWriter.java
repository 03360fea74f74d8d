package dev.runledger.command.execution;

import dev.runledger.command.execution.KnownExecution.SnapshotMark;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
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
     * with the next command. None is written where another node's makes it needless.
     *
     * @param tried takes the newest one once it is written, or what it would have been when it has failed
     */
    void write(ExecutionId execution, KnownExecution known, Consumer<SnapshotMark> tried) {
        if (!onTheirWay.add(execution)) {
            return;
        }
        try {
            thread.execute(() -> {
                try {
                    tried.accept(store(execution, known));
                } finally {
                    onTheirWay.remove(execution);
                }
            });
        } catch (RejectedExecutionException e) {
            onTheirWay.remove(execution);
            LOG.debug("No snapshot of {}: too many are on their way", execution);
        }
    }

    private SnapshotMark store(ExecutionId execution, KnownExecution known) {
        try {
            var others = known.with(newest(execution, known.snapshot()));
            if (!others.isSnapshotDue()) {
                return others.snapshot();
            }
            engine.storeSnapshot(new GenericDomainEventMessage<>(
                    Execution.class.getSimpleName(),
                    execution.toString(),
                    known.state().version() - 1,
                    known.state()));
        } catch (RuntimeException | Error e) {
            LOG.warn("No snapshot of {} at version {}", execution, known.state().version(), e);
        }
        return SnapshotMark.of(known.state());
    }

    /** The newest snapshot that is stored, where it is newer than the one that is known; one that is broken is none. */
    private SnapshotMark newest(ExecutionId execution, SnapshotMark known) {
        try {
            return engine.readSnapshot(execution.toString())
                    .filter(stored -> stored.getSequenceNumber() + 1 > known.version())
                    .map(stored -> SnapshotMark.of((ExecutionState) stored.getPayload()))
                    .orElse(known);
        } catch (EventStoreException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("The snapshot of {} cannot be read, and is replaced", execution, e);
            return known;
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
