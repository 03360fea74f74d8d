package dev.runledger.query;

import org.jspecify.annotations.Nullable;

/**
 * The row that says how far the read model is and who takes it further.
 *
 * @param owner the node that folds; null when none does, or none has for ten seconds
 * @param paused whether somebody paused the projection
 * @param stoppedAt the position of the event that stops it; null while none does
 * @param stoppedReason null exactly when {@code stoppedAt} is
 */
public record ReadModelToken(
        long position,
        @Nullable String owner,
        boolean paused,
        @Nullable Long stoppedAt,
        @Nullable String stoppedReason) {}
