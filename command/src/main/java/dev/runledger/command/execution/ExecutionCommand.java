package dev.runledger.command.execution;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something an executor reports about one execution. Times and ids come in with the command; null means that the
 * executor did not say.
 */
public sealed interface ExecutionCommand {

    /** A command that an execution must exist for. */
    sealed interface OnExisting extends ExecutionCommand {}

    /** A command about one step: it answers with the step's attempt and status. */
    sealed interface OfStep extends OnExisting {

        String stepId();

        /** The iteration that is meant; null means the current one. */
        @Nullable
        Integer iteration();
    }

    /** An end that a worker reports or imposes on a step. */
    sealed interface EndOfStep extends OfStep {

        /** The attempt that ends; null means the current one. */
        @Nullable
        Integer attempt();
    }

    /** Makes the execution known, waiting. {@code details} names the workflow. */
    record ScheduleExecution(ExecutionDetails details, List<ScheduleStep> steps) implements ExecutionCommand {}

    /** Creates a running execution, or starts a scheduled one; then {@code details} may be empty. */
    record StartExecution(ExecutionDetails details, List<ScheduleStep> steps) implements ExecutionCommand {}

    record CompleteExecution(@Nullable Json output, OpenSteps openSteps) implements OnExisting {}

    /** What completing means for steps that are RUNNING or RETRYING. */
    enum OpenSteps {
        REFUSE,
        CANCEL
    }

    record FailExecution(Failure error) implements OnExisting {}

    record CancelExecution(@Nullable String reason) implements OnExisting {}

    record TimeOutExecution(@Nullable String reason) implements OnExisting {}

    /**
     * Runs an ended execution again.
     *
     * @param fromSteps ids of the steps to run again; null means those that failed, timed out or were cancelled
     * @param attempt the number that this retry creates; null means the next one
     */
    record RetryExecution(
            @Nullable List<String> fromSteps,
            @Nullable Integer attempt,
            @Nullable Instant deadlineAt,
            @Nullable Long timeoutMs,
            @Nullable String reason)
            implements OnExisting {}

    /**
     * Merges tags and metadata (RFC 7396).
     *
     * @param tags null values remove a tag; null when no tag changes
     * @param metadata a merge patch, a JSON object; null when nothing changes
     */
    record AmendExecution(
            @Nullable Map<String, @Nullable String> tags,
            @Nullable Json metadata) implements OnExisting {}

    /** One step to schedule, alone, in an array, or with its execution. */
    record ScheduleStep(String stepId, @Nullable Integer iteration, StepDetails details) {}

    /** Makes steps known: one command, all or nothing. Never empty. */
    record ScheduleSteps(List<ScheduleStep> steps) implements OnExisting {}

    record StartStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            @Nullable String agentId,
            StepDetails details)
            implements OfStep {}

    record CompleteStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            @Nullable Json output) implements EndOfStep {}

    record FailStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            Failure error,
            @Nullable Boolean retryable,
            @Nullable Instant nextRetryAt)
            implements EndOfStep {}

    record SkipStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            @Nullable String reason) implements EndOfStep {}

    record CancelStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            @Nullable String reason) implements EndOfStep {}

    record TimeOutStep(
            String stepId,
            @Nullable Integer iteration,
            @Nullable Integer attempt,
            @Nullable String reason) implements EndOfStep {}

    /**
     * Records what was produced.
     *
     * @param artifactId null means {@link ContentIds#artifact}, of the rest
     * @param iteration of {@code stepId}; null means the current one
     */
    record RecordArtifact(
            @Nullable String artifactId,
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
            implements OnExisting {}

    /**
     * Records the executor's own state.
     *
     * @param checkpointId given, or new
     * @param iteration of {@code stepId}; null means the current one
     */
    record RecordCheckpoint(
            String checkpointId,
            @Nullable String stepId,
            @Nullable Integer iteration,
            Json state) implements OnExisting {}
}
