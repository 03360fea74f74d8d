package dev.runledger.eventstore;

/** Why an append was stale: the cause of the {@code ConcurrencyException} that callers see. */
public final class VersionConflict extends Exception {

    private final StreamId stream;
    private final long expectedVersion;
    private final long actualVersion;

    VersionConflict(StreamId stream, long expectedVersion, long actualVersion) {
        super("stream " + stream + " is at version " + actualVersion + ", the append expected version "
                + expectedVersion);
        this.stream = stream;
        this.expectedVersion = expectedVersion;
        this.actualVersion = actualVersion;
    }

    public StreamId stream() {
        return stream;
    }

    /** The version that the append was to follow; 0 for a stream without events. */
    public long expectedVersion() {
        return expectedVersion;
    }

    /** The version that the stream, with the append's own earlier events, has; 0 without events. */
    public long actualVersion() {
        return actualVersion;
    }
}
