package dev.runledger.eventstore;

import java.time.Instant;
import java.util.UUID;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.serialization.SerializedMetaData;
import org.axonframework.serialization.SerializedObject;

/**
 * An aggregate's state as of one version of its stream, serialized.
 *
 * @param type     the state's stored type name
 * @param revision 0 when the type declares none
 */
record Snapshot(
        StreamId stream,
        long version,
        UUID eventId,
        String type,
        int revision,
        Instant occurredAt,
        String metadata,
        String payload) {

    /** As Axon reads it, under the identifier that it was asked for. */
    DomainEventData<String> as(String aggregateIdentifier) {
        return new Read(this, aggregateIdentifier);
    }

    private record Read(Snapshot snapshot, String aggregateIdentifier) implements DomainEventData<String> {

        @Override
        public String getType() {
            return LoggedMessage.aggregateType(snapshot.stream().stream());
        }

        @Override
        public String getAggregateIdentifier() {
            return aggregateIdentifier;
        }

        @Override
        public long getSequenceNumber() {
            return snapshot.version() - 1;
        }

        @Override
        public String getEventIdentifier() {
            return snapshot.eventId().toString();
        }

        @Override
        public Instant getTimestamp() {
            return snapshot.occurredAt();
        }

        @Override
        public SerializedObject<String> getMetaData() {
            return new SerializedMetaData<>(snapshot.metadata(), String.class);
        }

        @Override
        public SerializedObject<String> getPayload() {
            return LoggedMessage.serialized(snapshot.payload(), snapshot.type(), snapshot.revision());
        }
    }
}
