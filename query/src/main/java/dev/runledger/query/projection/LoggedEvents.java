package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.StoredEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;

/** Turns events of the log into those that the fold takes. */
final class LoggedEvents {

    /** An event that leaves an execution as it is, but for its version. */
    static final ExecutionEvent NOTHING = new ExecutionEvent.ExecutionAmended(null, null);

    private static final Map<String, ObjectReader> READERS = new ConcurrentHashMap<>();

    private LoggedEvents() {}

    /**
     * What is to be folded of {@code stored}; null when it is no execution's, or a skipped one that names none.
     *
     * @throws PoisonEventException when it cannot be read
     */
    static @Nullable RecordedEvent of(StoredEvent stored, Skips skips) {
        if (!ExecutionId.isStream(stored.stream())) {
            return null;
        }
        var skipped = skips.contains(stored.position());
        try {
            var payload = stored.payload();
            var event = skipped
                    ? NOTHING
                    : payload == null
                            ? withoutContents(stored.type())
                            : reader(stored).<ExecutionEvent>readValue(payload);
            return new RecordedEvent(
                    ExecutionId.ofStream(stored.namespace(), stored.stream()),
                    stored.version(),
                    stored.position(),
                    stored.occurredAt(),
                    stored.recordedAt(),
                    event);
        } catch (PoisonEventException e) {
            throw e;
        } catch (RuntimeException e) {
            if (skipped) {
                return null;
            }
            throw unreadable(stored.position(), e);
        }
    }

    static PoisonEventException unknownType(long position, String type) {
        return new PoisonEventException(position, "is of the type " + type + ", which this code does not know");
    }

    static PoisonEventException unreadable(long position, RuntimeException cause) {
        return new PoisonEventException(
                position, "cannot be read (" + cause.getClass().getSimpleName() + ")");
    }

    /**
     * What the bare type of an event tells, once its payload was erased. The erasure that follows removes the rest, so
     * that a replay ends with the rows that the erasure left.
     */
    static ExecutionEvent withoutContents(String type) {
        return switch (type) {
            case "ExecutionScheduled" -> new ExecutionEvent.ExecutionScheduled(ExecutionDetails.NONE, null);
            case "ExecutionStarted" -> new ExecutionEvent.ExecutionStarted(ExecutionDetails.NONE, null);
            case "ExecutionCompleted" -> new ExecutionEvent.ExecutionCompleted(null);
            case "ExecutionFailed" -> new ExecutionEvent.ExecutionFailed(new Failure("erased", "Erased", null, null));
            case "ExecutionCancelled" -> new ExecutionEvent.ExecutionCancelled(null);
            case "ExecutionTimedOut" -> new ExecutionEvent.ExecutionTimedOut(null);
            case "ExecutionRetried" -> new ExecutionEvent.ExecutionRetried(1, null, null, null, null);
            case "ExecutionErased" -> new ExecutionEvent.ExecutionErased(null);
            default -> NOTHING;
        };
    }

    private static ObjectReader reader(StoredEvent stored) {
        var known = READERS.get(stored.type());
        if (known != null) {
            return known;
        }
        if (!ExecutionEventTypes.names().containsValue(stored.type())) {
            throw unknownType(stored.position(), stored.type());
        }
        return READERS.computeIfAbsent(
                stored.type(), name -> EventJson.mapper().readerFor(ExecutionEventTypes.classOf(name)));
    }
}
