package dev.runledger.eventstore;

import java.time.Instant;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.EventData;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.serialization.SerializedMetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;
import org.jspecify.annotations.Nullable;

/** A stored event as Axon's readers take it, still serialized. */
sealed interface LoggedMessage extends EventData<String> {

    StoredEvent event();

    String metadata();

    @Override
    default String getEventIdentifier() {
        return event().eventId().toString();
    }

    @Override
    default Instant getTimestamp() {
        return event().occurredAt();
    }

    @Override
    default SerializedObject<String> getMetaData() {
        return new SerializedMetaData<>(metadata(), String.class);
    }

    @Override
    default SerializedObject<String> getPayload() {
        StoredEvent event = event();
        String payload = event.payload();
        return payload == null
                ? serialized(
                        "{\"type\":\"" + event.type() + "\",\"revision\":" + event.revision() + "}",
                        Erased.class.getName(),
                        0)
                : serialized(payload, event.type(), event.revision());
    }

    static SerializedObject<String> serialized(String json, String type, int revision) {
        return new SimpleSerializedObject<>(json, String.class, type, revisionText(revision));
    }

    private static @Nullable String revisionText(int revision) {
        return revision == 0 ? null : Integer.toString(revision);
    }

    /** What Axon calls an aggregate's type: the stream's name up to its first '/'. */
    static String aggregateType(String stream) {
        int slash = stream.indexOf('/');
        return slash < 0 ? stream : stream.substring(0, slash);
    }

    /** Read as part of one stream. */
    record InStream(StoredEvent event, String aggregateIdentifier) implements LoggedMessage, DomainEventData<String> {

        @Override
        public String metadata() {
            return event.metadata();
        }

        @Override
        public String getType() {
            return aggregateType(event.stream());
        }

        @Override
        public String getAggregateIdentifier() {
            return aggregateIdentifier;
        }

        @Override
        public long getSequenceNumber() {
            return event.version() - 1;
        }
    }

    /** Read by position, an event of an aggregate. */
    record InLog(StoredEvent event) implements LoggedMessage, DomainEventData<String>, TrackedEventData<String> {

        @Override
        public String metadata() {
            return withRecordedAt(event);
        }

        @Override
        public TrackingToken trackingToken() {
            return new GlobalSequenceTrackingToken(event.position());
        }

        @Override
        public String getType() {
            return aggregateType(event.stream());
        }

        @Override
        public String getAggregateIdentifier() {
            return event.streamId().aggregateIdentifier();
        }

        @Override
        public long getSequenceNumber() {
            return event.version() - 1;
        }
    }

    /** Read by position, an event without an aggregate. */
    record Single(StoredEvent event) implements LoggedMessage, TrackedEventData<String> {

        @Override
        public String metadata() {
            return withRecordedAt(event);
        }

        @Override
        public TrackingToken trackingToken() {
            return new GlobalSequenceTrackingToken(event.position());
        }
    }

    /** Adds the field to the text, so that metadata nobody looks at is never parsed. */
    private static String withRecordedAt(StoredEvent event) {
        String metadata = event.metadata();
        String field = "{\"" + PostgresEventStorageEngine.RECORDED_AT + "\":\"" + event.recordedAt() + "\"";
        return metadata.equals("{}") ? field + "}" : field + "," + metadata.substring(1);
    }
}
