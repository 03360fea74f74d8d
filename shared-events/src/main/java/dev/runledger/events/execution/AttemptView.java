package dev.runledger.events.execution;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One try of a step, as people see it.
 *
 * @param number from 1
 * @param status RUNNING, or how it ended: COMPLETED, FAILED, CANCELLED or TIMED_OUT
 * @param agentId who ran it; null when not said
 * @param error why it failed; null when it did not
 * @param nextRetryAt when the executor meant to try again; null when not said
 */
public record AttemptView(
        int number,
        StepStatus status,
        Span span,
        @Nullable String agentId,
        @Nullable Failure error,
        @Nullable Instant nextRetryAt) {

    AttemptView ended(StepStatus status, Instant at, @Nullable Failure error, @Nullable Instant nextRetryAt) {
        return new AttemptView(number, status, span.endedAt(at), agentId, error, nextRetryAt);
    }
}
