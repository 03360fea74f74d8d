package dev.runledger.events.execution;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.axonframework.serialization.Revision;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an execution. Stored under the names of {@link ExecutionEventTypes}; the execution's
 * identity, the event's number and both clocks stand beside it in the log, not in it.
 */
public sealed interface ExecutionEvent {

    /** An event that changes the row of one step. */
    sealed interface OfStep extends ExecutionEvent {

        /** The executor's name for the step. */
        String stepId();

        /** Which iteration of the step, from 1. */
        int iteration();
    }

    /**
     * The execution is known and waits for its start.
     *
     * @param steps ids of the steps that the same command scheduled, each with a StepScheduled of its own; null for none
     */
    @Revision("1")
    record ExecutionScheduled(
            @JsonUnwrapped ExecutionDetails details,
            @Nullable List<String> steps) implements ExecutionEvent {}

    /**
     * The execution runs: either created running, with all that its executor said of it, or started after it was
     * scheduled, with what the start repeated.
     *
     * @param steps as in {@link ExecutionScheduled}
     */
    @Revision("1")
    record ExecutionStarted(
            @JsonUnwrapped ExecutionDetails details,
            @Nullable List<String> steps) implements ExecutionEvent {}

    /** The execution ended well. */
    @Revision("1")
    record ExecutionCompleted(@Nullable Json output) implements ExecutionEvent {}

    /** The execution ended with an error. */
    @Revision("1")
    record ExecutionFailed(Failure error) implements ExecutionEvent {}

    /** Somebody ended the execution. */
    @Revision("1")
    record ExecutionCancelled(@Nullable String reason) implements ExecutionEvent {}

    /** The execution took too long. */
    @Revision("1")
    record ExecutionTimedOut(@Nullable String reason) implements ExecutionEvent {}

    /**
     * An ended execution runs again; each step that is to run again has a StepReopened after it.
     *
     * @param attempt the number of the execution's attempt that begins, from 2
     * @param fromSteps ids of the steps that were named; null when the failed ones were meant
     * @param deadlineAt the deadline of this attempt; null when none was given
     * @param timeoutMs milliseconds this attempt may take; null keeps the one given at the start
     */
    @Revision("1")
    record ExecutionRetried(
            int attempt,
            @Nullable List<String> fromSteps,
            @Nullable Instant deadlineAt,
            @Nullable Long timeoutMs,
            @Nullable String reason)
            implements ExecutionEvent {}

    /**
     * Tags and metadata were changed.
     *
     * @param tags texts to set, null values to remove; null when no tag changes
     * @param metadata a merge patch (RFC 7396); null when nothing changes
     */
    @Revision("1")
    record ExecutionAmended(
            @Nullable Map<String, @Nullable String> tags,
            @Nullable Json metadata) implements ExecutionEvent {}

    /** A step is known and waits for its start. */
    @Revision("1")
    record StepScheduled(
            String stepId, int iteration, @JsonUnwrapped StepDetails details) implements OfStep {}

    /**
     * An attempt of a step runs.
     *
     * @param attempt which try, from 1
     * @param agentId who runs it; null when not said
     * @param details what was said of the step; recorded for one that had not been scheduled
     */
    @Revision("1")
    record StepStarted(
            String stepId,
            int iteration,
            int attempt,
            @Nullable String agentId,
            @JsonUnwrapped StepDetails details) implements OfStep {}

    /** An attempt ended well, and with it the step. */
    @Revision("1")
    record StepCompleted(
            String stepId,
            int iteration,
            int attempt,
            @Nullable Json output) implements OfStep {}

    /**
     * An attempt failed.
     *
     * @param retryable as given; null when not said, which means true
     * @param willRetry whether the step is RETRYING after it, or FAILED
     * @param nextRetryAt when the executor means to try again; null when not said
     */
    @Revision("1")
    record StepFailed(
            String stepId,
            int iteration,
            int attempt,
            Failure error,
            @Nullable Boolean retryable,
            boolean willRetry,
            @Nullable Instant nextRetryAt)
            implements OfStep {}

    /** An ended step is PENDING again, because its execution is retried. */
    @Revision("1")
    record StepReopened(String stepId, int iteration) implements OfStep {}

    /** A step will not run. */
    @Revision("1")
    record StepSkipped(
            String stepId, int iteration, @Nullable String reason) implements OfStep {}

    /** A step was ended from outside, by a command or because its execution ended. */
    @Revision("1")
    record StepCancelled(
            String stepId, int iteration, @Nullable String reason) implements OfStep {}

    /** A step took too long, or its execution did. */
    @Revision("1")
    record StepTimedOut(
            String stepId, int iteration, @Nullable String reason) implements OfStep {}

    /**
     * Something was produced.
     *
     * @param stepId the step that produced it; null when the execution did
     * @param iteration null exactly when {@code stepId} is
     * @param sizeBytes null when not said
     * @param sha256 64 lower-case hex digits; null when not said
     */
    @Revision("1")
    record ArtifactRecorded(
            String artifactId,
            @Nullable String stepId,
            @Nullable Integer iteration,
            String type,
            String name,
            @Nullable String uri,
            @Nullable String path,
            @Nullable Long sizeBytes,
            @Nullable String contentType,
            @Nullable String sha256,
            @Nullable Json metadata)
            implements ExecutionEvent {}

    /**
     * The executor's own state was recorded, to resume from.
     *
     * @param stepId the step it belongs to; null when the execution
     * @param iteration null exactly when {@code stepId} is
     */
    @Revision("1")
    record CheckpointRecorded(
            String checkpointId,
            @Nullable String stepId,
            @Nullable Integer iteration,
            Json state) implements ExecutionEvent {}

    /** The payloads of the execution were removed for good; nothing follows. */
    @Revision("1")
    record ExecutionErased(@Nullable String reason) implements ExecutionEvent {}
}
