package dev.runledger.eventstore;

/**
 * Where events without an aggregate are kept: each is the only one of its stream, {@code message/<event
 * id>} in the namespace {@code default}. Axon's contract has such events; a domain of aggregates needs none.
 */
final class SingleMessage {

    private static final String PREFIX = "message/";

    private SingleMessage() {}

    static StreamId streamOf(String eventId) {
        return new StreamId(StreamId.DEFAULT_NAMESPACE, PREFIX + eventId);
    }

    static boolean is(StoredEvent event) {
        return event.namespace().equals(StreamId.DEFAULT_NAMESPACE)
                && event.stream().startsWith(PREFIX)
                && event.stream().endsWith(event.eventId().toString());
    }
}
