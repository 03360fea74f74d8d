package dev.runledger.events.execution;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The identity of an execution: the same id in two namespaces is two executions.
 *
 * @param namespace {@code [a-z0-9][a-z0-9-]{0,62}}
 */
public record ExecutionId(String namespace, UUID id) {

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final String STREAM_PREFIX = "execution/";

    public ExecutionId {
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new IllegalArgumentException("not a namespace: " + namespace);
        }
    }

    /** The name of its stream in the log of its namespace: {@code execution/<uuid>}. */
    public String stream() {
        return STREAM_PREFIX + id;
    }

    /** Whether a stream of the log is an execution's. */
    public static boolean isStream(String stream) {
        return stream.startsWith(STREAM_PREFIX);
    }

    /**
     * The execution that {@code stream} of {@code namespace} belongs to.
     *
     * @throws IllegalArgumentException when it is not an execution's stream
     */
    public static ExecutionId ofStream(String namespace, String stream) {
        if (!isStream(stream)) {
            throw new IllegalArgumentException("not the stream of an execution: " + stream);
        }
        return new ExecutionId(namespace, UUID.fromString(stream.substring(STREAM_PREFIX.length())));
    }

    /** {@code <namespace>/execution/<uuid>}: the identifier under which aggregates and locks know it. */
    @Override
    public String toString() {
        return namespace + "/" + stream();
    }

    /** The inverse of {@link #toString()}. */
    public static ExecutionId parse(String identifier) {
        var slash = identifier.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("not an execution's identifier: " + identifier);
        }
        return ofStream(identifier.substring(0, slash), identifier.substring(slash + 1));
    }
}
