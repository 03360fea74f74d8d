package dev.runledger.app.demo;

import dev.runledger.command.execution.ContentIds;
import dev.runledger.command.execution.ExecutionCommand;
import dev.runledger.command.execution.ExecutionCommand.CompleteStep;
import dev.runledger.command.execution.ExecutionCommand.FailStep;
import dev.runledger.command.execution.ExecutionCommand.RecordArtifact;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.execution.ExecutionCommand.StartStep;
import dev.runledger.command.execution.Submission;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reports of one example run as its executor would have sent them. The clock of the run moves with
 * {@link #after}; every report is named, so that sending the run again changes nothing.
 */
final class DemoRun {

    private final String name;
    private final ExecutionId execution;
    private final List<Submission> submissions = new ArrayList<>();
    private Instant now;

    DemoRun(String name, Instant start) {
        this.name = name;
        this.execution = new ExecutionId("default", ContentIds.execution("default", "demo/" + name));
        this.now = start;
    }

    ExecutionId execution() {
        return execution;
    }

    List<Submission> submissions() {
        return List.copyOf(submissions);
    }

    DemoRun after(Duration passed) {
        now = now.plus(passed);
        return this;
    }

    DemoRun say(ExecutionCommand command) {
        submissions.add(new Submission(command, now, "demo/" + name + "/" + submissions.size(), null));
        return this;
    }

    /** Starts the run with its steps one behind the other. */
    DemoRun start(String workflow, String type, String agentId, Map<String, String> tags, Json input, String... steps) {
        var scheduled = new ArrayList<ScheduleStep>();
        for (var n = 0; n < steps.length; n++) {
            List<String> dependsOn = n == 0 ? List.of() : List.of(steps[n - 1]);
            scheduled.add(new ScheduleStep(
                    steps[n],
                    null,
                    new StepDetails(title(steps[n]), "task", n + 1, dependsOn, 1, null, null, null, null)));
        }
        return say(new StartExecution(
                new ExecutionDetails(
                        workflow, null, type, agentId, "acme", null, null, null, tags, null, input, null, null),
                scheduled));
    }

    DemoRun startStep(String stepId) {
        return say(new StartStep(stepId, null, null, null, StepDetails.NONE));
    }

    DemoRun completeStep(String stepId, String output) {
        return say(new CompleteStep(stepId, null, null, Json.of(output)));
    }

    /** A step that ran well for as long. */
    DemoRun step(String stepId, Duration took, String output) {
        return startStep(stepId).after(took).completeStep(stepId, output);
    }

    DemoRun failStep(String stepId, Failure error) {
        return say(new FailStep(stepId, null, null, error, false, null));
    }

    DemoRun artifact(@Nullable String stepId, String type, String file, String contentType, long sizeBytes) {
        return say(new RecordArtifact(
                null,
                stepId,
                null,
                type,
                file,
                "s3://acme-runs/" + execution.id() + "/" + file,
                null,
                sizeBytes,
                contentType,
                null,
                null));
    }

    /** {@code collect_metrics} as {@code Collect metrics}. */
    private static String title(String stepId) {
        return Character.toUpperCase(stepId.charAt(0)) + stepId.substring(1).replace('_', ' ');
    }
}
