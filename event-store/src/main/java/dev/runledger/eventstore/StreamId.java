package dev.runledger.eventstore;

import java.nio.charset.StandardCharsets;

/**
 * Names one stream: the events of one aggregate in one namespace.
 *
 * @param namespace 1 to 63 characters without '/'
 * @param stream    1 to 320 bytes of UTF-8; may contain '/', as in {@code execution/<uuid>}
 */
public record StreamId(String namespace, String stream) {

    /** The namespace of aggregate identifiers that name none, as those of Axon's own tests. */
    public static final String DEFAULT_NAMESPACE = "default";

    public static final int MAX_NAMESPACE_CHARACTERS = 63;
    public static final int MAX_STREAM_BYTES = 320;

    /** @throws IllegalArgumentException naming the part that is too long, empty, or not storable text */
    public StreamId {
        if (namespace.isEmpty() || namespace.codePointCount(0, namespace.length()) > MAX_NAMESPACE_CHARACTERS) {
            throw new IllegalArgumentException(
                    "a namespace has 1 to 63 characters, this one has " + namespace.length() + ": " + start(namespace));
        }
        if (namespace.indexOf('/') >= 0) {
            throw new IllegalArgumentException("a namespace has no '/': " + namespace);
        }
        if (stream.isEmpty()) {
            throw new IllegalArgumentException("a stream's name is not empty");
        }
        if (!Text.isStorable(namespace) || !Text.isStorable(stream)) {
            throw new IllegalArgumentException("a stream's name has no NUL and no lone surrogate");
        }
        int bytes = stream.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_STREAM_BYTES) {
            throw new IllegalArgumentException(
                    "a stream's name has at most 320 bytes of UTF-8, this one has " + bytes + ": " + start(stream));
        }
    }

    /**
     * Reads an Axon aggregate identifier, {@code namespace/stream}. Without a '/' the whole identifier
     * is the stream, in the namespace {@code default}.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    public static StreamId parse(String aggregateIdentifier) {
        int slash = aggregateIdentifier.indexOf('/');
        return slash < 0
                ? new StreamId(DEFAULT_NAMESPACE, aggregateIdentifier)
                : new StreamId(aggregateIdentifier.substring(0, slash), aggregateIdentifier.substring(slash + 1));
    }

    /** The identifier that Axon uses for this stream; {@link #parse} reads it back. */
    public String aggregateIdentifier() {
        return namespace + "/" + stream;
    }

    @Override
    public String toString() {
        return aggregateIdentifier();
    }

    private static String start(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
