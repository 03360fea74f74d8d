package dev.runledger.command.execution;

import dev.runledger.command.execution.ExecutionCommand.ScheduleExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.http.CommandHeaders;
import dev.runledger.command.http.Fields;
import dev.runledger.events.execution.ExecutionId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The reading of one body: what every command takes, and what the command's name calls for. */
final class CommandReading {

    /** How far the executor's clock may run ahead of the ledger's. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);

    private final String namespace;
    private final Address address;
    private final Fields body;
    private final int bytes;
    private final CommandHeaders headers;
    private final Instant now;
    private final Supplier<UUID> newId;

    CommandReading(
            String namespace,
            Address address,
            Fields body,
            int bytes,
            CommandHeaders headers,
            Instant now,
            Supplier<UUID> newId) {
        this.namespace = namespace;
        this.address = address;
        this.body = body;
        this.bytes = bytes;
        this.headers = headers;
        this.now = now;
        this.newId = newId;
    }

    ReceivedCommand command(CommandName asked) {
        var commandId = commandId();
        var executionId = executionId(body);
        var name = asked.creates() && !start(asked) ? CommandName.SCHEDULE_EXECUTION : asked;
        var creating = creating(name, executionId);
        var expectedVersion = expectedVersion(creating);
        var occurredAt = occurredAt(body);
        if (executionId == null && !name.creates()) {
            body.required("executionId", null, "");
        }
        var execution = execution(executionId, commandId);
        var command = command(name, creating, execution, commandId);
        body.end();
        body.throwIfWrong();
        var at = occurredAt == null ? now.truncatedTo(ChronoUnit.MICROS) : occurredAt;
        return new ReceivedCommand(name, execution, new Submission(command, at, commandId, expectedVersion, bytes));
    }

    /** One command that schedules every item; its key and condition come from the headers. */
    ReceivedCommand scheduleSteps(List<Fields> items) {
        var steps = new ArrayList<ScheduleStep>(items.size());
        @Nullable Instant occurredAt = null;
        for (var item : items) {
            executionId(item);
            var at = occurredAt(item);
            if (at != null && occurredAt != null && !at.equals(occurredAt)) {
                item.wrong("occurredAt", "must be the same in every item: an array is one command");
            }
            occurredAt = at == null ? occurredAt : at;
            steps.add(CommandBodies.scheduleStep(item, CommandBodies.requiredStepId(item)));
            item.end();
        }
        body.throwIfWrong();
        return new ReceivedCommand(
                CommandName.SCHEDULE_STEP,
                execution(address.execution(), null),
                new Submission(
                        new ScheduleSteps(steps),
                        occurredAt == null ? now.truncatedTo(ChronoUnit.MICROS) : occurredAt,
                        headers.commandId(),
                        headers.expectedVersion(),
                        bytes));
    }

    /** Whether the command cannot mean an execution that exists, so that it must name a workflow. */
    private boolean creating(CommandName name, @Nullable UUID executionId) {
        return switch (name) {
            case SCHEDULE_EXECUTION -> true;
            case START_EXECUTION -> address instanceof Address.Collection || executionId == null;
            case COMPLETE_EXECUTION,
                    FAIL_EXECUTION,
                    CANCEL_EXECUTION,
                    TIME_OUT_EXECUTION,
                    RETRY_EXECUTION,
                    AMEND_EXECUTION,
                    SCHEDULE_STEP,
                    START_STEP,
                    COMPLETE_STEP,
                    FAIL_STEP,
                    SKIP_STEP,
                    CANCEL_STEP,
                    TIME_OUT_STEP,
                    RECORD_ARTIFACT,
                    RECORD_CHECKPOINT -> false;
        };
    }

    private ExecutionCommand command(
            CommandName name, boolean creating, ExecutionId execution, @Nullable String commandId) {
        return switch (name) {
            case SCHEDULE_EXECUTION ->
                new ScheduleExecution(CommandBodies.executionDetails(body, creating), CommandBodies.steps(body));
            case START_EXECUTION ->
                new StartExecution(CommandBodies.executionDetails(body, creating), CommandBodies.steps(body));
            case COMPLETE_EXECUTION -> CommandBodies.completeExecution(body);
            case FAIL_EXECUTION -> CommandBodies.failExecution(body);
            case CANCEL_EXECUTION -> CommandBodies.cancelExecution(body);
            case TIME_OUT_EXECUTION -> CommandBodies.timeOutExecution(body);
            case RETRY_EXECUTION -> CommandBodies.retryExecution(body);
            case AMEND_EXECUTION -> CommandBodies.amendExecution(body);
            case SCHEDULE_STEP -> new ScheduleSteps(List.of(CommandBodies.scheduleStep(body, stepId())));
            case START_STEP -> CommandBodies.startStep(body, stepId());
            case COMPLETE_STEP -> CommandBodies.completeStep(body, stepId());
            case FAIL_STEP -> CommandBodies.failStep(body, stepId());
            case SKIP_STEP -> CommandBodies.skipStep(body, stepId());
            case CANCEL_STEP -> CommandBodies.cancelStep(body, stepId());
            case TIME_OUT_STEP -> CommandBodies.timeOutStep(body, stepId());
            case RECORD_ARTIFACT -> CommandBodies.recordArtifact(body);
            case RECORD_CHECKPOINT ->
                CommandBodies.recordCheckpoint(
                        body, () -> commandId == null ? newId.get() : ContentIds.checkpoint(execution, commandId));
        };
    }

    private @Nullable String commandId() {
        var given = body.label("commandId", CommandHeaders.MAX_COMMAND_ID);
        var header = headers.commandId();
        if (given != null && header != null && !given.equals(header)) {
            body.wrong("commandId", "differs from the header Idempotency-Key");
        }
        return given == null ? header : given;
    }

    private @Nullable UUID executionId(Fields fields) {
        var given = fields.uuid("executionId");
        var inPath = address.execution();
        if (given != null && inPath != null && !given.equals(inPath)) {
            fields.wrong("executionId", "differs from the execution in the path");
        }
        return given == null ? inPath : given;
    }

    private String stepId() {
        var given = body.label("stepId", CommandBodies.MAX_LABEL);
        var inPath = address.step();
        if (inPath == null) {
            return body.required("stepId", given, "");
        }
        if (given != null && !given.equals(inPath)) {
            body.wrong("stepId", "differs from the step in the path");
        }
        return inPath;
    }

    /** Whether the command starts the execution that it is about. */
    private boolean start(CommandName asked) {
        var start = body.flag("start");
        if (start == null) {
            return asked == CommandName.START_EXECUTION;
        }
        if (asked == CommandName.SCHEDULE_EXECUTION ? start : !start && address instanceof Address.Path) {
            body.wrong("start", "contradicts the command");
            return !start;
        }
        return start;
    }

    private @Nullable Long expectedVersion(boolean creating) {
        var header = headers.expectedVersion();
        if (creating) {
            if (header != null) {
                body.wrong("expectedVersion", "as the header If-Match needs an execution that exists");
            }
            return null;
        }
        var given = body.whole("expectedVersion", 0, Long.MAX_VALUE);
        if (given != null && header != null && !given.equals(header)) {
            body.wrong("expectedVersion", "differs from the header If-Match");
        }
        return given == null ? header : given;
    }

    private @Nullable Instant occurredAt(Fields fields) {
        var at = fields.time("occurredAt");
        if (at != null && at.isAfter(now.plus(CLOCK_TOLERANCE))) {
            fields.wrong("occurredAt", "lies more than " + CLOCK_TOLERANCE.toMinutes() + " minutes in the future");
        }
        return at;
    }

    private ExecutionId execution(@Nullable UUID executionId, @Nullable String commandId) {
        if (executionId != null) {
            return new ExecutionId(namespace, executionId);
        }
        return new ExecutionId(namespace, commandId == null ? newId.get() : ContentIds.execution(namespace, commandId));
    }
}
