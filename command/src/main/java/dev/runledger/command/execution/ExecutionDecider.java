package dev.runledger.command.execution;

import dev.runledger.command.execution.Decision.Append;
import dev.runledger.command.execution.Decision.Refuse;
import dev.runledger.command.execution.Decision.Repeat;
import dev.runledger.command.execution.ExecutionCommand.AmendExecution;
import dev.runledger.command.execution.ExecutionCommand.CancelExecution;
import dev.runledger.command.execution.ExecutionCommand.CancelStep;
import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.CompleteStep;
import dev.runledger.command.execution.ExecutionCommand.FailExecution;
import dev.runledger.command.execution.ExecutionCommand.FailStep;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommand.RecordArtifact;
import dev.runledger.command.execution.ExecutionCommand.RecordCheckpoint;
import dev.runledger.command.execution.ExecutionCommand.RetryExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.command.execution.ExecutionCommand.SkipStep;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.execution.ExecutionCommand.StartStep;
import dev.runledger.command.execution.ExecutionCommand.TimeOutExecution;
import dev.runledger.command.execution.ExecutionCommand.TimeOutStep;
import dev.runledger.command.execution.Rejection.ContentMismatch;
import dev.runledger.command.execution.Rejection.IllegalAttempt;
import dev.runledger.command.execution.Rejection.IllegalIteration;
import dev.runledger.command.execution.Rejection.IllegalStepTransition;
import dev.runledger.command.execution.Rejection.IllegalTransition;
import dev.runledger.command.execution.Rejection.Standing;
import dev.runledger.command.execution.Rejection.TooManyOpenSteps;
import dev.runledger.command.execution.Rejection.UnknownExecution;
import dev.runledger.command.execution.Rejection.UnknownStep;
import dev.runledger.events.execution.Contents;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCancelled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
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
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StartContent;
import dev.runledger.events.execution.StepState;
import dev.runledger.events.execution.StepStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What each command means in each state: the tables of an execution and of a step. Pure and total; a repeat is
 * recognised first, then the expected version is compared, then the state decides.
 */
final class ExecutionDecider {

    /** How many steps of one execution may be open at once: ending it names each of them. */
    static final int MAX_OPEN_STEPS = 100_000;

    private final ExecutionId execution;
    private final ExecutionState state;

    private ExecutionDecider(ExecutionId execution, ExecutionState state) {
        this.execution = execution;
        this.state = state;
    }

    /** What {@code submission} leads to when {@code execution} is in {@code state}. */
    static Decision decide(ExecutionId execution, ExecutionState state, Submission submission) {
        if (state.erased()) {
            return new Refuse(new Rejection.Erased(execution));
        }
        if (submission.commandId() != null && state.knows(submission.commandId())) {
            return new Repeat();
        }
        var decision = new ExecutionDecider(execution, state).decide(submission.command());
        var expected = submission.expectedVersion();
        if (expected == null || expected == state.version() || decision instanceof Repeat) {
            return decision;
        }
        return new Refuse(
                state.status() == null
                        ? new UnknownExecution(execution)
                        : new Rejection.VersionMismatch(standing(execution, state, state.status()), expected));
    }

    private Decision decide(ExecutionCommand command) {
        var status = state.status();
        if (status == null) {
            return switch (command) {
                case ScheduleExecution c ->
                    create(c.details(), c.steps(), new ExecutionScheduled(c.details(), stepIds(c.steps())));
                case StartExecution c ->
                    create(c.details(), c.steps(), new ExecutionStarted(c.details(), stepIds(c.steps())));
                case ExecutionCommand.OnExisting c -> new Refuse(new UnknownExecution(execution));
            };
        }
        return new OfExisting(status).decide(command);
    }

    private Decision create(ExecutionDetails details, List<ScheduleStep> steps, ExecutionEvent first) {
        if (details.workflow() == null) {
            return new Refuse(new UnknownExecution(execution));
        }
        var created = state.evolve(first, null);
        var status = Objects.requireNonNull(created.status());
        var scheduled = new ExecutionDecider(execution, created).new OfExisting(status).schedule(steps);
        return switch (scheduled) {
            case Repeat nothing -> append(first);
            case Refuse refusal -> refusal;
            case Append append -> {
                var events = new ArrayList<ExecutionEvent>(1 + append.events().size());
                events.add(first);
                events.addAll(append.events());
                yield new Append(events);
            }
        };
    }

    private static Standing standing(ExecutionId execution, ExecutionState state, ExecutionStatus status) {
        return new Standing(execution, status, state.version());
    }

    private static @Nullable List<String> stepIds(List<ScheduleStep> steps) {
        return steps.isEmpty() ? null : steps.stream().map(ScheduleStep::stepId).toList();
    }

    private static Append append(ExecutionEvent event) {
        return new Append(List.of(event));
    }

    /** The tables for an execution that exists. */
    private final class OfExisting {

        private final ExecutionStatus status;

        OfExisting(ExecutionStatus status) {
            this.status = status;
        }

        Decision decide(ExecutionCommand command) {
            return switch (command) {
                case ScheduleExecution c -> repeatIf(saidAtFirst(c.details(), c.steps()), command, "execution");
                case StartExecution c -> start(c);
                case CompleteExecution c -> complete(c);
                case FailExecution c ->
                    end(c, ExecutionStatus.FAILED, Contents.failure(c.error()), new ExecutionFailed(c.error()));
                case CancelExecution c ->
                    end(c, ExecutionStatus.CANCELLED, Contents.reason(c.reason()), new ExecutionCancelled(c.reason()));
                case TimeOutExecution c ->
                    end(c, ExecutionStatus.TIMED_OUT, Contents.reason(c.reason()), new ExecutionTimedOut(c.reason()));
                case RetryExecution c -> retry(c);
                case AmendExecution c -> amend(c);
                case RecordArtifact c -> recordArtifact(c);
                case RecordCheckpoint c -> recordCheckpoint(c);
                case ScheduleSteps c -> unlessEnded(c, schedule(c.steps()));
                case ExecutionCommand.OfStep c ->
                    status == ExecutionStatus.PENDING ? illegal(c, null) : unlessEnded(c, step(c));
            };
        }

        /** An ended execution takes no new facts about steps, but recognises what it was told. */
        private Decision unlessEnded(ExecutionCommand command, Decision decision) {
            return decision instanceof Append && status.ended() ? illegal(command, null) : decision;
        }

        private Decision start(StartExecution c) {
            if (status == ExecutionStatus.PENDING) {
                return agreesWithFirst(c.details(), c.steps())
                        ? append(new ExecutionStarted(c.details(), stepIds(c.steps())))
                        : mismatch(c, "execution");
            }
            var same = c.details().workflow() == null
                    ? agreesWithFirst(c.details(), c.steps())
                    : saidAtFirst(c.details(), c.steps())
                            || Contents.start(c.details(), stepIds(c.steps())).equals(state.startedWith())
                                    && stepsAgree(c.steps());
            return repeatIf(same, c, "execution");
        }

        /** Whether this is the whole of the body that created the execution. */
        private boolean saidAtFirst(ExecutionDetails details, List<ScheduleStep> steps) {
            return Contents.start(details, stepIds(steps)).equals(state.first()) && stepsAgree(steps);
        }

        /** Whether nothing that is given contradicts the body that created the execution. */
        private boolean agreesWithFirst(ExecutionDetails details, List<ScheduleStep> steps) {
            StartContent first = Objects.requireNonNull(state.first());
            return details.given().givenFieldsEqual(first.fields())
                    && (steps.isEmpty()
                            || Contents.start(details, stepIds(steps)).steps() == first.steps())
                    && stepsAgree(steps);
        }

        private boolean stepsAgree(List<ScheduleStep> steps) {
            return steps.stream().allMatch(step -> {
                var row = state.step(step.stepId(), step.iteration() == null ? 1 : step.iteration());
                return row != null && step.details().given().givenFieldsEqual(row.details());
            });
        }

        private Decision complete(CompleteExecution c) {
            return switch (status) {
                case PENDING -> illegal(c, null);
                case RUNNING ->
                    state.activeSteps() > 0 && c.openSteps() == OpenSteps.REFUSE
                            ? illegal(c, state.activeSteps() + " of its steps are RUNNING or RETRYING")
                            : ended(ExecutionStatus.COMPLETED, new ExecutionCompleted(c.output()));
                case COMPLETED ->
                    repeatIf(Contents.completion(c.output()) == state.endHash(), c, "the execution's end");
                case FAILED, CANCELLED, TIMED_OUT -> illegal(c, null);
            };
        }

        private Decision end(ExecutionCommand command, ExecutionStatus end, long content, ExecutionEvent event) {
            return switch (status) {
                case PENDING, RUNNING -> ended(end, event);
                case COMPLETED -> illegal(command, null);
                case FAILED, CANCELLED, TIMED_OUT ->
                    status == end
                            ? repeatIf(content == state.endHash(), command, "the execution's end")
                            : illegal(command, null);
            };
        }

        /** The end of every open step, then the execution's. */
        private Decision ended(ExecutionStatus end, ExecutionEvent event) {
            var events = new ArrayList<ExecutionEvent>(state.openSteps() + 1);
            for (var open : currentSteps(row -> row.status().open())) {
                events.add(endedWithExecution(end, open));
            }
            events.add(event);
            return new Append(events);
        }

        private ExecutionEvent endedWithExecution(ExecutionStatus end, CurrentStep open) {
            if (end == ExecutionStatus.COMPLETED && open.row().status() == StepStatus.PENDING) {
                return new StepSkipped(open.stepId(), open.iteration(), null);
            }
            if (end == ExecutionStatus.TIMED_OUT && open.row().status() != StepStatus.PENDING) {
                return new StepTimedOut(open.stepId(), open.iteration(), null);
            }
            return new StepCancelled(open.stepId(), open.iteration(), null);
        }

        private record CurrentStep(String stepId, int iteration, StepState row) {}

        /** The current iterations of the steps that fit, in the order in which they became known. */
        private List<CurrentStep> currentSteps(Predicate<StepState> fits) {
            var found = new ArrayList<CurrentStep>();
            state.steps().forEach((stepId, iterations) -> {
                var row = iterations.getLast();
                if (fits.test(row)) {
                    found.add(new CurrentStep(stepId, iterations.size(), row));
                }
            });
            found.sort(Comparator.comparingLong(step -> step.row().firstVersion()));
            return found;
        }

        private Decision retry(RetryExecution c) {
            var content = Contents.retry(c.fromSteps(), c.deadlineAt(), c.timeoutMs(), c.reason());
            var attempt = c.attempt();
            if (attempt != null && attempt == state.attempt() && attempt > 1) {
                return repeatIf(content == state.retryHash(), c, "attempt " + attempt + " of the execution");
            }
            if (attempt != null && attempt != state.attempt() + 1) {
                return new Refuse(new IllegalAttempt(standing(), nameOf(c), null, attempt, state.attempt()));
            }
            return switch (status) {
                case PENDING, RUNNING, COMPLETED -> illegal(c, null);
                case FAILED, CANCELLED, TIMED_OUT -> retried(c);
            };
        }

        private Decision retried(RetryExecution c) {
            var events = new ArrayList<ExecutionEvent>();
            events.add(new ExecutionRetried(
                    state.attempt() + 1, c.fromSteps(), c.deadlineAt(), c.timeoutMs(), c.reason()));
            if (c.fromSteps() == null) {
                for (var step : currentSteps(row -> switch (row.status()) {
                    case FAILED, TIMED_OUT, CANCELLED -> true;
                    case PENDING, RUNNING, RETRYING, COMPLETED, SKIPPED -> false;
                })) {
                    events.add(new StepReopened(step.stepId(), step.iteration()));
                }
            } else {
                for (var stepId : new LinkedHashSet<>(c.fromSteps())) {
                    var current = state.currentIteration(stepId);
                    if (current == 0) {
                        return new Refuse(new UnknownStep(execution, stepId, null));
                    }
                    events.add(new StepReopened(stepId, current));
                }
            }
            return events.size() - 1 > MAX_OPEN_STEPS ? tooManyOpenSteps() : new Append(events);
        }

        private Decision amend(AmendExecution c) {
            var content = Contents.amendment(c.tags(), c.metadata());
            if (content == Contents.amendment(null, null) || content == state.amendHash()) {
                return new Repeat();
            }
            return append(new ExecutionAmended(c.tags(), c.metadata()));
        }

        private Decision recordArtifact(RecordArtifact c) {
            var iteration = producedIn(c.stepId(), c.iteration());
            if (c.stepId() != null && iteration == null) {
                return new Refuse(new UnknownStep(execution, c.stepId(), c.iteration()));
            }
            var artifactId = c.artifactId() != null
                    ? c.artifactId()
                    : ContentIds.artifact(
                                    execution,
                                    c.stepId(),
                                    iteration,
                                    c.type(),
                                    c.name(),
                                    c.uri() == null ? c.path() : c.uri())
                            .toString();
            var known = state.artifacts().get(artifactId);
            if (known != null) {
                var content = Contents.artifact(
                        c.stepId(),
                        c.type(),
                        c.name(),
                        c.uri(),
                        c.path(),
                        c.sizeBytes(),
                        c.contentType(),
                        c.sha256(),
                        c.metadata());
                return repeatIf(known == content, c, "artifact " + artifactId);
            }
            return append(new ArtifactRecorded(
                    artifactId,
                    c.stepId(),
                    iteration,
                    c.type(),
                    c.name(),
                    c.uri(),
                    c.path(),
                    c.sizeBytes(),
                    c.contentType(),
                    c.sha256(),
                    c.metadata()));
        }

        private Decision recordCheckpoint(RecordCheckpoint c) {
            var iteration = producedIn(c.stepId(), c.iteration());
            if (c.stepId() != null && iteration == null) {
                return new Refuse(new UnknownStep(execution, c.stepId(), c.iteration()));
            }
            var known = state.checkpoints().get(c.checkpointId());
            if (known != null) {
                return repeatIf(
                        known == Contents.checkpoint(c.stepId(), c.state()), c, "checkpoint " + c.checkpointId());
            }
            return switch (status) {
                case RUNNING -> append(new CheckpointRecorded(c.checkpointId(), c.stepId(), iteration, c.state()));
                case PENDING, COMPLETED, FAILED, CANCELLED, TIMED_OUT -> illegal(c, null);
            };
        }

        /** The iteration that a named step's product belongs to; null without a step, or when there is none such. */
        private @Nullable Integer producedIn(@Nullable String stepId, @Nullable Integer iteration) {
            if (stepId == null) {
                return null;
            }
            var meant = iteration == null ? state.currentIteration(stepId) : iteration;
            return state.step(stepId, meant) == null ? null : meant;
        }

        /** All or nothing: each item is decided after the ones before it. */
        Decision schedule(List<ScheduleStep> steps) {
            var events = new ArrayList<ExecutionEvent>();
            var working = this;
            for (var step : steps) {
                switch (working.schedule(step)) {
                    case Repeat nothing -> {}
                    case Refuse refusal -> {
                        return refusal;
                    }
                    case Append append -> {
                        events.addAll(append.events());
                        working = working.after(append.events());
                    }
                }
            }
            return events.isEmpty() ? new Repeat() : new Append(events);
        }

        private OfExisting after(List<ExecutionEvent> events) {
            var next = state;
            for (var event : events) {
                next = next.evolve(event, null);
            }
            return new ExecutionDecider(execution, next).new OfExisting(status);
        }

        private Decision schedule(ScheduleStep step) {
            var iteration = meant(step.stepId(), step.iteration());
            var row = state.step(step.stepId(), iteration);
            if (row != null) {
                return repeatIf(
                        step.details().given().givenFieldsEqual(row.details()),
                        "ScheduleStep",
                        step(step.stepId(), iteration));
            }
            if (!mayBegin(step.stepId(), iteration)) {
                return illegalIteration("ScheduleStep", step.stepId(), iteration);
            }
            return oneMoreOpen(new StepScheduled(step.stepId(), iteration, step.details()));
        }

        private Decision step(ExecutionCommand.OfStep command) {
            var iteration = meant(command.stepId(), command.iteration());
            var row = state.step(command.stepId(), iteration);
            if (row == null) {
                var begins = command instanceof StartStep
                        ? mayBegin(command.stepId(), iteration)
                        : iteration == 1 && state.currentIteration(command.stepId()) == 0;
                if (!begins) {
                    return illegalIteration(nameOf(command), command.stepId(), iteration);
                }
            }
            return switch (command) {
                case StartStep c -> startStep(c, iteration, row);
                case ExecutionCommand.EndOfStep c -> endStep(c, iteration, row);
            };
        }

        private Decision startStep(StartStep c, int iteration, @Nullable StepState row) {
            var attempts = row == null ? 0 : row.attempts();
            var startable = row == null || row.status() == StepStatus.PENDING || row.status() == StepStatus.RETRYING;
            int attempt = c.attempt() != null ? c.attempt() : startable ? attempts + 1 : attempts;
            if (startable && attempt == attempts + 1) {
                if (row != null && !c.details().given().givenFieldsEqual(row.details())) {
                    return mismatch(c, step(c.stepId(), iteration));
                }
                var started = new StepStarted(c.stepId(), iteration, attempt, c.agentId(), c.details());
                return row == null ? oneMoreOpen(started) : append(started);
            }
            if (row == null || attempt != attempts) {
                return illegalAttempt(c, attempt, attempts);
            }
            return attempts == 0
                    ? illegalStep(c, iteration, row)
                    : repeatIf(
                            row.startHash() == Contents.stepStart(c.agentId(), c.details()),
                            c,
                            step(c.stepId(), iteration));
        }

        private Decision endStep(ExecutionCommand.EndOfStep command, int iteration, @Nullable StepState row) {
            var attempts = row == null ? 0 : row.attempts();
            if (command.attempt() != null && command.attempt() != attempts) {
                return illegalAttempt(command, command.attempt(), attempts);
            }
            if (row == null) {
                return command instanceof SkipStep skip
                        ? append(new StepSkipped(skip.stepId(), iteration, skip.reason()))
                        : illegalStep(command, iteration, null);
            }
            return switch (command) {
                case CompleteStep c ->
                    switch (row.status()) {
                        case RUNNING -> append(new StepCompleted(c.stepId(), iteration, attempts, c.output()));
                        case COMPLETED -> sameEnd(c, iteration, row, Contents.completion(c.output()));
                        case PENDING, RETRYING, FAILED, SKIPPED, CANCELLED, TIMED_OUT -> illegalStep(c, iteration, row);
                    };
                case FailStep c ->
                    switch (row.status()) {
                        case RUNNING -> append(failed(c, iteration, row));
                        case RETRYING, FAILED -> sameEnd(c, iteration, row, contentOf(c));
                        case PENDING, COMPLETED, SKIPPED, CANCELLED, TIMED_OUT -> illegalStep(c, iteration, row);
                    };
                case SkipStep c ->
                    switch (row.status()) {
                        case PENDING -> append(new StepSkipped(c.stepId(), iteration, c.reason()));
                        case SKIPPED -> sameEnd(c, iteration, row, Contents.reason(c.reason()));
                        case RUNNING, RETRYING, COMPLETED, FAILED, CANCELLED, TIMED_OUT ->
                            illegalStep(c, iteration, row);
                    };
                case CancelStep c ->
                    switch (row.status()) {
                        case PENDING, RUNNING, RETRYING -> append(new StepCancelled(c.stepId(), iteration, c.reason()));
                        case CANCELLED -> sameEnd(c, iteration, row, Contents.reason(c.reason()));
                        case COMPLETED, FAILED, SKIPPED, TIMED_OUT -> illegalStep(c, iteration, row);
                    };
                case TimeOutStep c ->
                    switch (row.status()) {
                        case RUNNING, RETRYING -> append(new StepTimedOut(c.stepId(), iteration, c.reason()));
                        case TIMED_OUT -> sameEnd(c, iteration, row, Contents.reason(c.reason()));
                        case PENDING, COMPLETED, FAILED, SKIPPED, CANCELLED -> illegalStep(c, iteration, row);
                    };
            };
        }

        private static long contentOf(FailStep c) {
            return Contents.failure(c.error(), c.retryable(), c.nextRetryAt());
        }

        private StepFailed failed(FailStep c, int iteration, StepState row) {
            var retryable = c.retryable() == null || c.retryable();
            var willRetry = retryable && row.attempts() - row.attemptsBeforeRetry() <= row.maxRetries();
            return new StepFailed(
                    c.stepId(), iteration, row.attempts(), c.error(), c.retryable(), willRetry, c.nextRetryAt());
        }

        private Decision sameEnd(ExecutionCommand.OfStep command, int iteration, StepState row, long content) {
            return repeatIf(content == row.endHash(), command, "the end of " + step(command.stepId(), iteration));
        }

        /** The iteration that a command means: the named one, else the current one, else the first. */
        private int meant(String stepId, @Nullable Integer iteration) {
            return iteration != null ? iteration : Math.max(1, state.currentIteration(stepId));
        }

        /** Whether a new row may begin: the first, or the next once the current one has ended. */
        private boolean mayBegin(String stepId, int iteration) {
            var current = state.currentIteration(stepId);
            var row = state.step(stepId, current);
            return iteration == current + 1 && (row == null || !row.status().open());
        }

        private Decision oneMoreOpen(ExecutionEvent event) {
            return state.openSteps() >= MAX_OPEN_STEPS ? tooManyOpenSteps() : append(event);
        }

        private Decision repeatIf(boolean same, ExecutionCommand command, String what) {
            return repeatIf(same, nameOf(command), what);
        }

        private Decision repeatIf(boolean same, String command, String what) {
            return same ? new Repeat() : new Refuse(new ContentMismatch(standing(), command, what));
        }

        private Refuse mismatch(ExecutionCommand command, String what) {
            return new Refuse(new ContentMismatch(standing(), nameOf(command), what));
        }

        private Refuse illegal(ExecutionCommand command, @Nullable String detail) {
            return new Refuse(new IllegalTransition(standing(), nameOf(command), detail));
        }

        private Refuse illegalStep(ExecutionCommand.OfStep command, int iteration, @Nullable StepState row) {
            return new Refuse(new IllegalStepTransition(
                    standing(), nameOf(command), command.stepId(), iteration, row == null ? null : row.status()));
        }

        private Refuse illegalIteration(String command, String stepId, int iteration) {
            return new Refuse(
                    new IllegalIteration(standing(), command, stepId, iteration, state.currentIteration(stepId)));
        }

        private Refuse illegalAttempt(ExecutionCommand.OfStep command, int attempt, int current) {
            return new Refuse(new IllegalAttempt(standing(), nameOf(command), command.stepId(), attempt, current));
        }

        private Refuse tooManyOpenSteps() {
            return new Refuse(new TooManyOpenSteps(standing(), MAX_OPEN_STEPS));
        }

        private Standing standing() {
            return ExecutionDecider.standing(execution, state, status);
        }

        private static String nameOf(ExecutionCommand command) {
            return command instanceof ScheduleSteps
                    ? "ScheduleStep"
                    : command.getClass().getSimpleName();
        }

        private static String step(String stepId, int iteration) {
            return "step " + stepId + " (iteration " + iteration + ")";
        }
    }
}
