package dev.runledger.events.execution;

import dev.runledger.events.ContentHash;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCancelled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
import dev.runledger.events.execution.ExecutionEvent.ExecutionFailed;
import dev.runledger.events.execution.ExecutionEvent.ExecutionRetried;
import dev.runledger.events.execution.ExecutionEvent.ExecutionScheduled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionTimedOut;
import dev.runledger.events.execution.ExecutionEvent.StepCancelled;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepReopened;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepSkipped;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionEvent.StepTimedOut;
import org.axonframework.serialization.Revision;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.PVector;
import org.pcollections.TreePVector;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * What deciding needs to know of an execution: statuses, attempts and hashes of contents, never the contents.
 * Immutable; {@link #evolve} costs the same however long the history is.
 *
 * @param status null before the first event
 * @param version the number of events so far
 * @param attempt the execution's own attempt, from 1; 0 before the first event
 * @param first what its first event said; null before that
 * @param startedWith what the start of a scheduled execution said; null where it was created running, or not started
 * @param endHash content of the last end; 0 while it has not ended
 * @param retryHash content of the last retry; 0 before the first
 * @param amendHash content of the last amendment; 0 before the first
 * @param steps by stepId, the iterations in order: iteration n is at index n - 1
 * @param iterations how many iterations all steps have
 * @param pendingSteps how many steps are PENDING
 * @param activeSteps how many steps are RUNNING or RETRYING
 * @param artifacts content hashes by artifactId
 * @param checkpoints content hashes by checkpointId
 * @param commandIds 64-bit hashes of the ids of all commands applied
 */
@Revision("1")
@JsonSerialize(using = ExecutionStateJson.Writer.class)
@JsonDeserialize(using = ExecutionStateJson.Reader.class)
public record ExecutionState(
        @Nullable ExecutionStatus status,
        boolean erased,
        long version,
        int attempt,
        @Nullable StartContent first,
        @Nullable StartContent startedWith,
        long endHash,
        long retryHash,
        long amendHash,
        PMap<String, PVector<StepState>> steps,
        int iterations,
        int pendingSteps,
        int activeSteps,
        PMap<String, Long> artifacts,
        PMap<String, Long> checkpoints,
        PSet<Long> commandIds) {

    /**
     * Of what a state is and of how events lead to it. To be raised with every change of either: states that were kept
     * under another version are not read.
     */
    public static final String CODE_VERSION = "1";

    // Measured as the growth of the heap by 100,000 of each, with ids of some 12 characters; ids are long at worst
    // 255 characters, which these do not know.
    private static final long ITERATION_BYTES = 420;
    private static final long NAMED_HASH_BYTES = 180;
    private static final long COMMAND_ID_BYTES = 120;
    private static final long OWN_BYTES = 800;

    /** Before the first event. */
    public static final ExecutionState NONE = new ExecutionState(
            null,
            false,
            0,
            0,
            null,
            null,
            0,
            0,
            0,
            HashTreePMap.empty(),
            0,
            0,
            0,
            HashTreePMap.empty(),
            HashTreePMap.empty(),
            HashTreePSet.empty());

    /** How many steps are PENDING, RUNNING or RETRYING. */
    public int openSteps() {
        return pendingSteps + activeSteps;
    }

    /** The highest iteration of a step; 0 when there is no such step. */
    public int currentIteration(String stepId) {
        var iterations = steps.get(stepId);
        return iterations == null ? 0 : iterations.size();
    }

    /** One iteration of a step; null when there is none. */
    public @Nullable StepState step(String stepId, int iteration) {
        var iterations = steps.get(stepId);
        return iterations == null || iteration < 1 || iteration > iterations.size()
                ? null
                : iterations.get(iteration - 1);
    }

    /** How many things it knows one by one: iterations of steps, artifacts, checkpoints and ids of commands. */
    public int entries() {
        return iterations + artifacts.size() + checkpoints.size() + commandIds.size();
    }

    /** About how many bytes of memory it takes, by the number of its entries. */
    public long estimatedBytes() {
        return OWN_BYTES
                + ITERATION_BYTES * iterations
                + NAMED_HASH_BYTES * (artifacts.size() + checkpoints.size())
                + COMMAND_ID_BYTES * commandIds.size();
    }

    /** Whether a command of this id was applied. */
    public boolean knows(String commandId) {
        return commandIds.contains(ContentHash.ofText(commandId));
    }

    /**
     * The state after {@code event}.
     *
     * @param commandId the id of the command behind the event; null when it had none
     * @throws IllegalStateException when no decision could have led to this event here
     */
    public ExecutionState evolve(ExecutionEvent event, @Nullable String commandId) {
        var next = edit();
        next.version++;
        if (commandId != null) {
            next.commandIds = commandIds.plus(ContentHash.ofText(commandId));
        }
        switch (event) {
            case ExecutionScheduled e -> {
                next.status = ExecutionStatus.PENDING;
                next.attempt = 1;
                next.first = Contents.start(e.details(), e.steps());
            }
            case ExecutionStarted e -> {
                var content = Contents.start(e.details(), e.steps());
                if (status == null) {
                    next.attempt = 1;
                    next.first = content;
                } else {
                    next.startedWith = content;
                }
                next.status = ExecutionStatus.RUNNING;
            }
            case ExecutionCompleted e -> next.end(ExecutionStatus.COMPLETED, Contents.completion(e.output()));
            case ExecutionFailed e -> next.end(ExecutionStatus.FAILED, Contents.failure(e.error()));
            case ExecutionCancelled e -> next.end(ExecutionStatus.CANCELLED, Contents.reason(e.reason()));
            case ExecutionTimedOut e -> next.end(ExecutionStatus.TIMED_OUT, Contents.reason(e.reason()));
            case ExecutionRetried e -> {
                next.status = ExecutionStatus.RUNNING;
                next.attempt = e.attempt();
                next.endHash = 0;
                next.retryHash = Contents.retry(e.fromSteps(), e.deadlineAt(), e.timeoutMs(), e.reason());
            }
            case ExecutionAmended e -> next.amendHash = Contents.amendment(e.tags(), e.metadata());
            case StepScheduled e -> next.put(e, scheduled(e.details()));
            case StepStarted e -> {
                var row = step(e.stepId(), e.iteration());
                next.put(
                        e,
                        (row == null ? scheduled(e.details()) : row)
                                .started(e.attempt(), Contents.stepStart(e.agentId(), e.details())));
            }
            case StepCompleted e ->
                next.put(e, existing(e).ended(StepStatus.COMPLETED, Contents.completion(e.output())));
            case StepFailed e ->
                next.put(
                        e,
                        existing(e)
                                .ended(
                                        e.willRetry() ? StepStatus.RETRYING : StepStatus.FAILED,
                                        Contents.failure(e.error(), e.retryable(), e.nextRetryAt())));
            case StepReopened e -> next.put(e, existing(e).reopened());
            case StepSkipped e -> {
                var row = step(e.stepId(), e.iteration());
                next.put(
                        e,
                        (row == null ? scheduled(StepDetails.NONE) : row)
                                .ended(StepStatus.SKIPPED, Contents.reason(e.reason())));
            }
            case StepCancelled e -> next.put(e, existing(e).ended(StepStatus.CANCELLED, Contents.reason(e.reason())));
            case StepTimedOut e -> next.put(e, existing(e).ended(StepStatus.TIMED_OUT, Contents.reason(e.reason())));
            case ArtifactRecorded e ->
                next.artifacts = artifacts.plus(
                        e.artifactId(),
                        Contents.artifact(
                                e.stepId(),
                                e.type(),
                                e.name(),
                                e.uri(),
                                e.path(),
                                e.sizeBytes(),
                                e.contentType(),
                                e.sha256(),
                                e.metadata()));
            case CheckpointRecorded e ->
                next.checkpoints = checkpoints.plus(e.checkpointId(), Contents.checkpoint(e.stepId(), e.state()));
            case ExecutionErased e -> next.erased = true;
        }
        return next.done();
    }

    private StepState scheduled(StepDetails details) {
        return new StepState(
                StepStatus.PENDING,
                0,
                0,
                details.maxRetries() == null ? 0 : details.maxRetries(),
                details.whole(),
                version + 1,
                0,
                0);
    }

    private StepState existing(ExecutionEvent.OfStep event) {
        var row = step(event.stepId(), event.iteration());
        if (row == null) {
            throw new IllegalStateException("an event names step " + event.stepId() + ", iteration " + event.iteration()
                    + ", which no earlier event made known");
        }
        return row;
    }

    private Edit edit() {
        return new Edit(this);
    }

    /** A state in the making: most events change two or three fields. */
    private static final class Edit {
        private @Nullable ExecutionStatus status;
        private boolean erased;
        private long version;
        private int attempt;
        private @Nullable StartContent first;
        private @Nullable StartContent startedWith;
        private long endHash;
        private long retryHash;
        private long amendHash;
        private PMap<String, PVector<StepState>> steps;
        private int iterations;
        private int pendingSteps;
        private int activeSteps;
        private PMap<String, Long> artifacts;
        private PMap<String, Long> checkpoints;
        private PSet<Long> commandIds;

        Edit(ExecutionState from) {
            status = from.status;
            erased = from.erased;
            version = from.version;
            attempt = from.attempt;
            first = from.first;
            startedWith = from.startedWith;
            endHash = from.endHash;
            retryHash = from.retryHash;
            amendHash = from.amendHash;
            steps = from.steps;
            iterations = from.iterations;
            pendingSteps = from.pendingSteps;
            activeSteps = from.activeSteps;
            artifacts = from.artifacts;
            checkpoints = from.checkpoints;
            commandIds = from.commandIds;
        }

        void end(ExecutionStatus end, long content) {
            status = end;
            endHash = content;
        }

        void put(ExecutionEvent.OfStep event, StepState row) {
            var stepId = event.stepId();
            var iteration = event.iteration();
            var rows = steps.getOrDefault(stepId, TreePVector.empty());
            if (iteration <= rows.size()) {
                count(rows.get(iteration - 1).status(), -1);
                rows = rows.with(iteration - 1, row);
            } else if (iteration == rows.size() + 1) {
                rows = rows.plus(row);
                iterations++;
            } else {
                throw new IllegalStateException("an event names step " + stepId + ", iteration " + iteration
                        + ", but the last one is " + rows.size());
            }
            count(row.status(), 1);
            steps = steps.plus(stepId, rows);
        }

        private void count(StepStatus counted, int change) {
            switch (counted) {
                case PENDING -> pendingSteps += change;
                case RUNNING, RETRYING -> activeSteps += change;
                case COMPLETED, FAILED, SKIPPED, CANCELLED, TIMED_OUT -> {}
            }
        }

        ExecutionState done() {
            return new ExecutionState(
                    status,
                    erased,
                    version,
                    attempt,
                    first,
                    startedWith,
                    endHash,
                    retryHash,
                    amendHash,
                    steps,
                    iterations,
                    pendingSteps,
                    activeSteps,
                    artifacts,
                    checkpoints,
                    commandIds);
        }
    }
}
