package dev.runledger.command.execution;

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
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An execution in a test: submit commands, look at what they led to. Short names for the commands. */
final class Scenario {

    static final ExecutionId EXECUTION =
            new ExecutionId("default", UUID.fromString("0198c0de-0000-7000-8000-000000000001"));
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Failure BOOM = new Failure("boom", "Error", null, null);
    static final Failure BANG = new Failure("bang", "Error", null, null);

    private final ExecutionId execution;
    ExecutionState state = ExecutionState.NONE;
    final List<ExecutionEvent> history = new ArrayList<>();

    Scenario() {
        this(EXECUTION);
    }

    Scenario(ExecutionId execution) {
        this.execution = execution;
    }

    static Scenario after(ExecutionCommand... commands) {
        var scenario = new Scenario();
        for (var command : commands) {
            if (!(scenario.submit(command) instanceof Decision.Append)) {
                throw new IllegalArgumentException("the scenario does not lead on: " + command);
            }
        }
        return scenario;
    }

    Decision submit(ExecutionCommand command) {
        return submit(command, null, null);
    }

    Decision submit(ExecutionCommand command, @Nullable String commandId, @Nullable Long expectedVersion) {
        var decision = decide(command, commandId, expectedVersion);
        if (decision instanceof Decision.Append append) {
            for (var event : append.events()) {
                state = state.evolve(event, commandId);
                history.add(event);
            }
        }
        return decision;
    }

    Decision decide(ExecutionCommand command) {
        return decide(command, null, null);
    }

    Decision decide(ExecutionCommand command, @Nullable String commandId, @Nullable Long expectedVersion) {
        return ExecutionDecider.decide(execution, state, new Submission(command, NOW, commandId, expectedVersion));
    }

    /** One word for a decision: {@code repeat}, {@code 404}, {@code 409}, {@code 410}, {@code 412}, else its events. */
    static String told(Decision decision) {
        return switch (decision) {
            case Decision.Repeat repeat -> "repeat";
            case Decision.Refuse refuse -> status(refuse.rejection());
            case Decision.Append append ->
                String.join(
                        " ",
                        append.events().stream()
                                .map(event -> event.getClass().getSimpleName())
                                .toList());
        };
    }

    private static String status(Rejection rejection) {
        return switch (rejection) {
            case Rejection.UnknownExecution r -> "404";
            case Rejection.UnknownStep r -> "404";
            case Rejection.Erased r -> "410";
            case Rejection.VersionMismatch r -> "412";
            case Rejection.IllegalTransition r -> "409";
            case Rejection.IllegalStepTransition r -> "409";
            case Rejection.IllegalIteration r -> "409";
            case Rejection.IllegalAttempt r -> "409";
            case Rejection.ContentMismatch r -> "409";
            case Rejection.TooManyOpenSteps r -> "409";
            case Rejection.StoppedByEarlierRefusal r -> "409";
        };
    }

    static Json json(String text) {
        return Json.of(text);
    }

    static ExecutionDetails details(String workflow, @Nullable Json input) {
        return new ExecutionDetails(
                workflow, null, null, null, null, null, null, null, Map.of("env", "prod"), null, input, null, null);
    }

    static ScheduleExecution schedule(ScheduleStep... steps) {
        return new ScheduleExecution(details("w", json("{\"k\":1}")), List.of(steps));
    }

    static StartExecution start(ScheduleStep... steps) {
        return new StartExecution(details("w", json("{\"k\":1}")), List.of(steps));
    }

    static StartExecution startOtherwise() {
        return new StartExecution(details("w", json("{\"k\":2}")), List.of());
    }

    static StartExecution startScheduled() {
        return new StartExecution(ExecutionDetails.NONE, List.of());
    }

    static CompleteExecution complete() {
        return new CompleteExecution(json("{\"ok\":true}"), OpenSteps.REFUSE);
    }

    static CompleteExecution completeAnyway() {
        return new CompleteExecution(json("{\"ok\":true}"), OpenSteps.CANCEL);
    }

    static FailExecution fail(Failure error) {
        return new FailExecution(error);
    }

    static CancelExecution cancel(@Nullable String reason) {
        return new CancelExecution(reason);
    }

    static TimeOutExecution timeOut(@Nullable String reason) {
        return new TimeOutExecution(reason);
    }

    static RetryExecution retry(@Nullable Integer attempt, String... fromSteps) {
        return new RetryExecution(
                fromSteps.length == 0 ? null : Arrays.asList(fromSteps), attempt, null, null, "again");
    }

    static AmendExecution amend(String tag) {
        return new AmendExecution(Map.of("env", tag), null);
    }

    static ScheduleStep step(String stepId) {
        return new ScheduleStep(stepId, null, StepDetails.NONE);
    }

    static ScheduleStep step(String stepId, int maxRetries) {
        return new ScheduleStep(stepId, null, retries(maxRetries));
    }

    static StepDetails retries(int maxRetries) {
        return new StepDetails(null, null, null, null, maxRetries, null, null, null, null);
    }

    static ScheduleSteps scheduleSteps(ScheduleStep... steps) {
        return new ScheduleSteps(List.of(steps));
    }

    static StartStep startStep(String stepId) {
        return new StartStep(stepId, null, null, null, StepDetails.NONE);
    }

    static StartStep startAttempt(String stepId, int attempt) {
        return new StartStep(stepId, null, attempt, null, StepDetails.NONE);
    }

    static StartStep startIteration(String stepId, int iteration) {
        return new StartStep(stepId, iteration, null, null, StepDetails.NONE);
    }

    static StartStep startBy(String stepId, String agentId) {
        return new StartStep(stepId, null, null, agentId, StepDetails.NONE);
    }

    static CompleteStep completeStep(String stepId) {
        return completeStep(stepId, null, null);
    }

    static CompleteStep completeStep(String stepId, @Nullable Integer iteration, @Nullable Integer attempt) {
        return new CompleteStep(stepId, iteration, attempt, json("{\"n\":1}"));
    }

    static CompleteStep completeStepOtherwise(String stepId) {
        return new CompleteStep(stepId, null, null, json("{\"n\":2}"));
    }

    static FailStep failStep(String stepId) {
        return failStep(stepId, BOOM, null);
    }

    static FailStep failStep(String stepId, Failure error, @Nullable Boolean retryable) {
        return new FailStep(stepId, null, null, error, retryable, null);
    }

    static SkipStep skipStep(String stepId, @Nullable String reason) {
        return new SkipStep(stepId, null, null, reason);
    }

    static CancelStep cancelStep(String stepId, @Nullable String reason) {
        return new CancelStep(stepId, null, null, reason);
    }

    static TimeOutStep timeOutStep(String stepId, @Nullable String reason) {
        return new TimeOutStep(stepId, null, null, reason);
    }

    static RecordArtifact artifact(@Nullable String id, @Nullable String stepId, long size) {
        return new RecordArtifact(
                id, stepId, null, "report", "costs.pdf", "s3://b/costs.pdf", null, size, null, null, null);
    }

    static RecordCheckpoint checkpoint(String id, String state) {
        return new RecordCheckpoint(id, null, null, json(state));
    }
}
