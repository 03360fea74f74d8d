package dev.runledger.query.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.StoredEvent;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event of the log.
 *
 * @param executionId null for an event of another kind of stream
 * @param payload null once erased
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record EventAnswer(
        long position,
        String namespace,
        @Nullable UUID executionId,
        long version,
        UUID eventId,
        String type,
        int revision,
        String occurredAt,
        String recordedAt,
        @Nullable Json payload,
        Json metadata,
        String hash,
        boolean erased) {

    static EventAnswer of(StoredEvent event) {
        return new EventAnswer(
                event.position(),
                event.namespace(),
                ExecutionId.isStream(event.stream())
                        ? ExecutionId.ofStream(event.namespace(), event.stream())
                                .id()
                        : null,
                event.version(),
                event.eventId(),
                event.type(),
                event.revision(),
                EventJson.format(event.occurredAt()),
                EventJson.format(event.recordedAt()),
                event.payload() == null ? null : Json.of(event.payload()),
                Json.of(event.metadata()),
                event.hash().toString(),
                event.erased());
    }
}
