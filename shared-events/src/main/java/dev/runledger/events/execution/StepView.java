package dev.runledger.events.execution;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionEvent.OfStep;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * One iteration of a step, as people see it. It changes only by an event that names it.
 *
 * @param firstVersion the number of the first event that named it
 * @param firstPosition the place of that event in the log
 * @param version the number of the last event that named it
 * @param details all that was said of it
 * @param attempt how many attempts it has had, 0 before the first
 * @param agentId who runs or ran its last attempt; null when not said
 * @param output null unless it is COMPLETED with one
 * @param error of its last failure, until a further attempt starts or it is reopened
 * @param nextRetryAt null unless it is RETRYING and its executor said when
 * @param span from the start of its first attempt since it was scheduled or reopened
 * @param attempts oldest first; of a row that was loaded for writing, those from its current attempt on
 */
public record StepView(
        Key key,
        long firstVersion,
        long firstPosition,
        long version,
        StepDetails details,
        StepStatus status,
        int attempt,
        @Nullable String agentId,
        @Nullable Json output,
        @Nullable Failure error,
        @Nullable Instant nextRetryAt,
        Span span,
        PVector<AttemptView> attempts) {

    /** The identity of a row among an execution's steps. */
    public record Key(String stepId, int iteration) {}

    /** How often it was tried again. */
    public int retryCount() {
        return Math.max(0, attempt - 1);
    }

    /** What further events need of this row: no input, and its current attempt alone. */
    StepView written() {
        var known = details.input() == null
                ? this
                : knowing(new StepDetails(
                        details.name(),
                        details.type(),
                        details.order(),
                        details.dependsOn(),
                        details.maxRetries(),
                        details.timeoutMs(),
                        details.heartbeatTimeoutMs(),
                        null,
                        details.metadata()));
        return attempts.size() <= 1 ? known : known.carrying(TreePVector.singleton(attempts.getLast()));
    }

    /** The row after {@code event}; {@code row} is null when no event named it before. */
    static StepView evolve(@Nullable StepView row, RecordedEvent recorded, OfStep event) {
        var step = row == null ? unseen(recorded, event) : row.at(recorded.version());
        var at = recorded.occurredAt();
        return switch (event) {
            case ExecutionEvent.StepScheduled scheduled -> step.knowing(scheduled.details());
            case ExecutionEvent.StepStarted started ->
                (row == null ? step.knowing(started.details()) : step).started(started, at);
            case ExecutionEvent.StepCompleted completed -> step.completed(completed, at);
            case ExecutionEvent.StepFailed failed -> step.failed(failed, at);
            case ExecutionEvent.StepReopened unused -> step.reopened();
            case ExecutionEvent.StepSkipped unused -> step.ended(StepStatus.SKIPPED, at);
            case ExecutionEvent.StepCancelled unused -> step.ended(StepStatus.CANCELLED, at);
            case ExecutionEvent.StepTimedOut unused -> step.ended(StepStatus.TIMED_OUT, at);
        };
    }

    private static StepView unseen(RecordedEvent recorded, OfStep event) {
        return new StepView(
                new Key(event.stepId(), event.iteration()),
                recorded.version(),
                recorded.position(),
                recorded.version(),
                StepDetails.NONE,
                StepStatus.PENDING,
                0,
                null,
                null,
                null,
                null,
                Span.NONE,
                TreePVector.empty());
    }

    private StepView started(ExecutionEvent.StepStarted started, Instant at) {
        var begun = new AttemptView(
                started.attempt(), StepStatus.RUNNING, new Span(at, null), started.agentId(), null, null);
        var known = !attempts.isEmpty() && attempts.getLast().number() == started.attempt()
                ? attempts.minus(attempts.size() - 1)
                : attempts;
        return standing(
                StepStatus.RUNNING,
                started.attempt(),
                started.agentId(),
                null,
                null,
                null,
                span.startedFirstAt(at),
                known.plus(begun));
    }

    private StepView completed(ExecutionEvent.StepCompleted completed, Instant at) {
        return standing(
                StepStatus.COMPLETED,
                attempt,
                agentId,
                completed.output(),
                null,
                null,
                span.endedAt(at),
                currentAttemptEnded(StepStatus.COMPLETED, at, null, null));
    }

    private StepView failed(ExecutionEvent.StepFailed failed, Instant at) {
        var nextRetryAt = failed.willRetry() ? failed.nextRetryAt() : null;
        return standing(
                failed.willRetry() ? StepStatus.RETRYING : StepStatus.FAILED,
                attempt,
                agentId,
                null,
                failed.error(),
                nextRetryAt,
                failed.willRetry() ? span : span.endedAt(at),
                currentAttemptEnded(StepStatus.FAILED, at, failed.error(), nextRetryAt));
    }

    private StepView reopened() {
        return standing(StepStatus.PENDING, attempt, agentId, null, null, null, Span.NONE, attempts);
    }

    private StepView ended(StepStatus end, Instant at) {
        return standing(
                end, attempt, agentId, output, error, null, span.endedAt(at), currentAttemptEnded(end, at, null, null));
    }

    /** An attempt that failed before its step was ended stays FAILED. */
    private PVector<AttemptView> currentAttemptEnded(
            StepStatus end, Instant at, @Nullable Failure error, @Nullable Instant nextRetryAt) {
        if (attempts.isEmpty() || attempts.getLast().status() != StepStatus.RUNNING) {
            return attempts;
        }
        return attempts.with(attempts.size() - 1, attempts.getLast().ended(end, at, error, nextRetryAt));
    }

    private StepView at(long version) {
        return new StepView(
                key,
                firstVersion,
                firstPosition,
                version,
                details,
                status,
                attempt,
                agentId,
                output,
                error,
                nextRetryAt,
                span,
                attempts);
    }

    private StepView carrying(PVector<AttemptView> attempts) {
        return standing(status, attempt, agentId, output, error, nextRetryAt, span, attempts);
    }

    private StepView knowing(StepDetails given) {
        return new StepView(
                key,
                firstVersion,
                firstPosition,
                version,
                given,
                status,
                attempt,
                agentId,
                output,
                error,
                nextRetryAt,
                span,
                attempts);
    }

    private StepView standing(
            StepStatus status,
            int attempt,
            @Nullable String agentId,
            @Nullable Json output,
            @Nullable Failure error,
            @Nullable Instant nextRetryAt,
            Span span,
            PVector<AttemptView> attempts) {
        return new StepView(
                key,
                firstVersion,
                firstPosition,
                version,
                details,
                status,
                attempt,
                agentId,
                output,
                error,
                nextRetryAt,
                span,
                attempts);
    }
}
