package dev.runledger.events.execution;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When something started and ended, by the executors' clocks, which may run apart.
 *
 * @param startedAt null while it has not started
 * @param endedAt null while it has not ended
 */
public record Span(@Nullable Instant startedAt, @Nullable Instant endedAt) {

    /** Neither started nor ended. */
    public static final Span NONE = new Span(null, null);

    Span startedFirstAt(Instant time) {
        return startedAt == null ? new Span(time, endedAt) : this;
    }

    Span endedAt(Instant time) {
        return new Span(startedAt, time);
    }

    Span reopened() {
        return new Span(startedAt, null);
    }

    /** Milliseconds from start to end, at least 0; null when it never started or has not ended. */
    public @Nullable Long durationMs() {
        return startedAt == null || endedAt == null
                ? null
                : Math.max(0, Duration.between(startedAt, endedAt).toMillis());
    }

    /** Whether it ended before it started, by what the executors said. */
    public boolean clockSkew() {
        return startedAt != null && endedAt != null && endedAt.isBefore(startedAt);
    }
}
