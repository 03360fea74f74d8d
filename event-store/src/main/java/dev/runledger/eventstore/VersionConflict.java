package dev.runledger.eventstore;

/** Why an append was stale: the cause of the {@code ConcurrencyException} that callers see. */
public final class VersionConflict extends Exception {

    private final StreamId stream;
    private final long expectedVersion;
    private final long actualVersion;
    private final boolean leased;

    VersionConflict(StreamId stream, long expectedVersion, long actualVersion, boolean leased) {
        super(
                expectedVersion == actualVersion
                        ? "stream " + stream
                                + " is left for a moment to another writer, who was overtaken again and again"
                        : "stream " + stream + " is at version " + actualVersion + ", the append expected version "
                                + expectedVersion);
        this.stream = stream;
        this.expectedVersion = expectedVersion;
        this.actualVersion = actualVersion;
        this.leased = leased;
    }

    public StreamId stream() {
        return stream;
    }

    /** The version that the append was to follow; 0 for a stream without events. */
    public long expectedVersion() {
        return expectedVersion;
    }

    /**
     * The version that the stream, with the append's own earlier events, has; 0 without events. The expected one when
     * the stream {@linkplain #isLeftToAnother is left to another writer}.
     */
    public long actualVersion() {
        return actualVersion;
    }

    /** Whether nothing was wrong with the append but that the stream is left to another writer for a moment. */
    public boolean isLeftToAnother() {
        return actualVersion == expectedVersion;
    }

    /**
     * Whether the stream is now left to this writer for a moment, as others have overtaken the append again and again:
     * who tries again at once comes first.
     */
    public boolean isLeased() {
        return leased;
    }
}
