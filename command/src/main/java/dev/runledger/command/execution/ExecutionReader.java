package dev.runledger.command.execution;

import dev.runledger.command.execution.KnownExecution.SnapshotMark;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.Page;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamHead;
import dev.runledger.eventstore.StreamId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folds an execution from the log: from its newest snapshot where that helps, else from its first event. */
final class ExecutionReader {

    private static final Logger LOG = LoggerFactory.getLogger(ExecutionReader.class);
    private static final int PAGE_EVENTS = 2_000;

    private final EventLog log;
    private final EventStorageEngine snapshots;
    private final int firstPage;

    ExecutionReader(EventLog log, EventStorageEngine snapshots) {
        this(log, snapshots, KnownExecution.MIN_SNAPSHOT_EVENTS);
    }

    /** @param firstPage how many events are read before a snapshot is looked for */
    ExecutionReader(EventLog log, EventStorageEngine snapshots, int firstPage) {
        this.log = log;
        this.snapshots = snapshots;
        this.firstPage = firstPage;
    }

    /** The execution as it is in the log; {@link KnownExecution#NONE} when nothing of it is. */
    KnownExecution read(ExecutionId execution) {
        // A stream that ends on the first page has no snapshot, and is most often what is read.
        var page = page(execution, 0, firstPage);
        var snapshot = page.next() == null ? Optional.<ExecutionState>empty() : snapshot(execution);
        if (snapshot.isPresent()) {
            try {
                return readOn(execution, snapshot.get());
            } catch (IllegalStateException e) {
                LOG.warn("The snapshot of {} does not fit its events; it is read from these", execution, e);
            }
        }
        return fold(execution, KnownExecution.NONE, page);
    }

    /** The execution as it is in the log, where {@code known} is what it once was, with one event at least. */
    KnownExecution readOn(ExecutionId execution, KnownExecution known) {
        // Begins with the last event that is known: in a log that was replaced meanwhile it has another place.
        var page = page(execution, known.state().version() - 1, PAGE_EVENTS);
        var isSameLog = !page.events().isEmpty() && page.events().getFirst().position() == known.position();
        return isSameLog ? fold(execution, known, page) : read(execution);
    }

    /** The execution's newest event; empty when it has none. */
    Optional<StreamHead> head(ExecutionId execution) {
        return log.streamHead(stream(execution));
    }

    private KnownExecution readOn(ExecutionId execution, ExecutionState snapshot) {
        var mark = SnapshotMark.of(snapshot);
        var page = page(execution, snapshot.version(), PAGE_EVENTS);
        if (!page.events().isEmpty()) {
            return fold(execution, new KnownExecution(snapshot, 0, mark), page);
        }
        var head = head(execution).orElseThrow(() -> new IllegalStateException("the snapshot's stream is empty"));
        if (head.version() > snapshot.version()) {
            // Appended since the page was read.
            return readOn(execution, snapshot);
        }
        if (head.version() != snapshot.version()) {
            throw new IllegalStateException(
                    "the snapshot is of version " + snapshot.version() + ", its stream of " + head.version());
        }
        return new KnownExecution(snapshot, head.position(), mark);
    }

    /** Empty also when there is one that cannot be read: snapshots are a cache. */
    private Optional<ExecutionState> snapshot(ExecutionId execution) {
        try {
            return snapshots.readSnapshot(execution.toString()).map(message -> {
                var state = (ExecutionState) message.getPayload();
                if (state.version() != message.getSequenceNumber() + 1) {
                    throw new IllegalStateException("a snapshot of version " + (message.getSequenceNumber() + 1)
                            + " says that it is of " + state.version());
                }
                return state;
            });
        } catch (EventStoreException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("The snapshot of {} cannot be read; the execution is read from its events", execution, e);
            return Optional.empty();
        }
    }

    /** Reads one page ahead: the database works on the next one while this one is folded. */
    private KnownExecution fold(ExecutionId execution, KnownExecution from, Page first) {
        var state = from.state();
        var position = from.position();
        var page = first;
        while (true) {
            var next = page.next();
            var ahead = next == null ? null : pageAhead(execution, next);
            for (var stored : page.events()) {
                if (stored.version() > state.version()) {
                    state = evolve(state, stored);
                    position = stored.position();
                }
            }
            if (ahead == null) {
                return from.at(state, position);
            }
            page = joined(ahead);
        }
    }

    private CompletableFuture<Page> pageAhead(ExecutionId execution, long afterVersion) {
        return CompletableFuture.supplyAsync(
                () -> page(execution, afterVersion, PAGE_EVENTS), Thread::startVirtualThread);
    }

    private static Page joined(CompletableFuture<Page> ahead) {
        try {
            return ahead.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EventStoreException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static ExecutionState evolve(ExecutionState state, StoredEvent stored) {
        return state.evolve(event(stored), EventMetaData.commandId(stored.metadata()));
    }

    /** Contents go only when the execution was erased, as its last event says. */
    private static ExecutionEvent event(StoredEvent stored) {
        var payload = stored.payload();
        if (payload == null) {
            return new ExecutionErased(null);
        }
        var type = ExecutionEventTypes.classOf(stored.type());
        if (stored.revision() != ExecutionEventTypes.revisionOf(type)) {
            throw new IllegalStateException(
                    "nothing reads " + stored.type() + " of revision " + stored.revision() + " here");
        }
        return EventJson.mapper().readValue(payload, type);
    }

    private Page page(ExecutionId execution, long afterVersion, int limit) {
        return log.readStream(stream(execution), afterVersion, Long.MAX_VALUE, EventFilter.ALL, limit);
    }

    static StreamId stream(ExecutionId execution) {
        return new StreamId(execution.namespace(), execution.stream());
    }
}
