package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Turns Axon's messages into what the log stores, within the log's limits. */
final class EventEncoder {

    static final int MAX_EVENTS = 200_000;

    static final int MAX_METADATA_BYTES = 64 << 10;

    /** Of one append, counting events larger than {@link #SMALL_EVENT_BYTES} only. */
    static final long MAX_BYTES = 64L << 20;

    /** Payload and metadata together; events up to here are bounded by their number. */
    static final int SMALL_EVENT_BYTES = 2 << 10;

    private static final int SALT_BYTES = 16;
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");
    private static final Set<String> RESERVED =
            Set.of(PostgresEventStorageEngine.OCCURRED_AT, PostgresEventStorageEngine.RECORDED_AT);

    private final Serializer serializer;
    private final SecureRandom random = new SecureRandom();

    EventEncoder(Serializer serializer) {
        this.serializer = serializer;
    }

    /** @throws AppendRefusedException naming the limit or the part that cannot be stored */
    List<NewEvent> encode(List<? extends EventMessage<?>> messages) {
        if (messages.size() > MAX_EVENTS) {
            throw new AppendRefusedException("an append has at most 200,000 events, this one has " + messages.size());
        }
        Chain chain = new Chain();
        byte[] salts = new byte[messages.size() * SALT_BYTES];
        random.nextBytes(salts);
        List<NewEvent> events = new ArrayList<>(messages.size());
        long bytes = 0;
        for (EventMessage<?> message : messages) {
            int from = events.size() * SALT_BYTES;
            NewEvent event = encode(message, Arrays.copyOfRange(salts, from, from + SALT_BYTES), chain);
            events.add(event);
            bytes += event.bytes() > SMALL_EVENT_BYTES ? event.bytes() : 0;
            if (bytes > MAX_BYTES) {
                throw new AppendRefusedException("an append has at most 64 MiB in events larger than 2 KiB");
            }
        }
        return events;
    }

    private NewEvent encode(EventMessage<?> message, byte[] salt, Chain chain) {
        StreamId stream = stream(message);
        long version = message instanceof DomainEventMessage<?> event ? event.getSequenceNumber() + 1 : 1;
        UUID eventId = eventId(message);
        SerializedObject<String> serialized = message.serializePayload(serializer, String.class);
        String type = serialized.getType().getName();
        int revision = revision(type, serialized.getType().getRevision());
        Instant occurredAt = occurredAt(message);
        String metadata = metadata(message);
        byte[] payloadBytes = storable(serialized.getData(), "payload", type, EventLog.MAX_PAYLOAD_BYTES);
        byte[] metadataBytes = storable(metadata, "metadata", type, MAX_METADATA_BYTES);
        byte[] payloadHash = chain.payloadHash(salt, payloadBytes);
        byte[] digest = chain.digest(
                stream.namespace().getBytes(UTF_8),
                stream.stream().getBytes(UTF_8),
                version,
                eventId,
                type.getBytes(UTF_8),
                revision,
                occurredAt,
                metadataBytes,
                payloadHash);
        return new NewEvent(
                stream,
                version,
                eventId,
                type,
                revision,
                occurredAt,
                metadata,
                serialized.getData(),
                salt,
                payloadHash,
                digest,
                payloadBytes.length + metadataBytes.length);
    }

    /** A snapshot is a cache and has no limit of size; what cannot be stored is refused all the same. */
    Snapshot encodeSnapshot(DomainEventMessage<?> message, Serializer snapshotSerializer) {
        SerializedObject<String> serialized = message.serializePayload(snapshotSerializer, String.class);
        String type = serialized.getType().getName();
        String metadata =
                message.serializeMetaData(snapshotSerializer, String.class).getData();
        if (!Text.isStorableJson(serialized.getData()) || !Text.isStorableJson(metadata)) {
            throw new AppendRefusedException("a snapshot of " + type + " has a NUL or a lone surrogate");
        }
        return new Snapshot(
                stream(message),
                message.getSequenceNumber() + 1,
                eventId(message),
                type,
                revision(type, serialized.getType().getRevision()),
                Chain.wholeMicros(message.getTimestamp()),
                metadata,
                serialized.getData());
    }

    private static StreamId stream(EventMessage<?> message) {
        if (!(message instanceof DomainEventMessage<?> event)) {
            return SingleMessage.streamOf(message.getIdentifier());
        }
        try {
            return StreamId.parse(event.getAggregateIdentifier());
        } catch (IllegalArgumentException e) {
            throw new AppendRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private static UUID eventId(EventMessage<?> message) {
        String text = message.getIdentifier();
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equalsIgnoreCase(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw new AppendRefusedException("an event's identifier is a UUID, not " + text);
    }

    private static int revision(String type, @Nullable String revision) {
        if (revision == null) {
            return 0;
        }
        try {
            int number = Integer.parseInt(revision);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new AppendRefusedException("the revision of " + type + " is a whole number from 1, not " + revision);
    }

    private static Instant occurredAt(EventMessage<?> message) {
        Object stated = message.getMetaData().get(PostgresEventStorageEngine.OCCURRED_AT);
        Instant time = switch (stated) {
            case null -> message.getTimestamp();
            case Instant instant -> instant;
            case String text -> parse(text);
            default ->
                throw new AppendRefusedException("the metadata occurredAt is an Instant or its ISO text, not a "
                        + stated.getClass().getName());
        };
        if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw new AppendRefusedException("an event occurred between the years 1 and 9999, not at " + time);
        }
        return Chain.wholeMicros(time);
    }

    private static Instant parse(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new AppendRefusedException("the metadata occurredAt is no ISO instant: " + e.getMessage());
        }
    }

    private String metadata(EventMessage<?> message) {
        MetaData metadata = message.getMetaData();
        boolean reserved = RESERVED.stream().anyMatch(metadata::containsKey);
        return reserved
                ? serializer
                        .serialize(metadata.withoutKeys(RESERVED), String.class)
                        .getData()
                : message.serializeMetaData(serializer, String.class).getData();
    }

    private static byte[] storable(String json, String part, String type, int limit) {
        if (!Text.isStorableJson(json)) {
            throw new AppendRefusedException("the " + part + " of " + type + " has a NUL or a lone surrogate");
        }
        byte[] bytes = json.getBytes(UTF_8);
        if (bytes.length > limit) {
            throw new AppendRefusedException("the " + part + " of an event has at most " + limit + " bytes, that of "
                    + type + " has " + bytes.length);
        }
        return bytes;
    }
}
