package dev.runledger.command.execution;

import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.http.Fields;
import dev.runledger.command.http.Fields.Entries;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The fields of each command's body, with their kinds and limits; what is wrong is collected by {@link Fields}. A
 * command that was read with errors must not be used.
 */
final class CommandBodies {

    static final int MAX_LABEL = 255;

    static final int MAX_STEPS = 10_000;
    private static final int MAX_DEPENDENCIES = 1_000;
    private static final int MAX_RETRIES = 1_000_000;
    /** Steps without an order come after all that have one. */
    private static final int MAX_ORDER = 1_000_000_000;

    private static final int MAX_MESSAGE = 65_536;
    private static final int MAX_STACK_TRACE = 262_144;
    private static final int MAX_TEXT = 4_096;
    private static final long MAX_TIMEOUT_MS = Duration.ofDays(3_653).toMillis();
    private static final Entries TAGS = new Entries(100, 128, 1_024, ':');
    private static final int SHA_256_DIGITS = 64;
    private static final Failure NO_FAILURE = new Failure("", "Error", null, null);
    private static final Json NO_JSON = Json.of("null");
    private static final Map<String, OpenSteps> OPEN_STEPS =
            new TreeMap<>(Map.of("refuse", OpenSteps.REFUSE, "cancel", OpenSteps.CANCEL));

    private CommandBodies() {}

    /** The body of ScheduleExecution and StartExecution, without {@code executionId} and {@code start}. */
    static ExecutionDetails executionDetails(Fields body, boolean creating) {
        var workflow = body.label("workflow", MAX_LABEL);
        if (creating) {
            body.required("workflow", workflow, "");
        }
        excludeEachOther(body, "deadlineAt", "timeoutMs");
        return new ExecutionDetails(
                workflow,
                body.integer("workflowVersion", 1, Integer.MAX_VALUE),
                body.label("type", MAX_LABEL),
                body.label("agentId", MAX_LABEL),
                body.label("customerId", MAX_LABEL),
                body.label("externalId", MAX_LABEL),
                body.uuid("parentExecutionId"),
                body.label("parentStepId", MAX_LABEL),
                body.texts("tags", TAGS),
                body.objectPayload("metadata"),
                body.payload("input"),
                body.time("deadlineAt"),
                timeout(body, "timeoutMs"));
    }

    /** The steps that come with their execution. */
    static List<ScheduleStep> steps(Fields body) {
        var items = body.items("steps", MAX_STEPS);
        if (items == null) {
            return List.of();
        }
        var steps = new ArrayList<ScheduleStep>(items.size());
        for (var item : items) {
            steps.add(scheduleStep(item, requiredStepId(item)));
            item.end();
        }
        return steps;
    }

    static ScheduleStep scheduleStep(Fields body, String stepId) {
        return new ScheduleStep(stepId, iteration(body), stepDetails(body));
    }

    private static StepDetails stepDetails(Fields body) {
        return new StepDetails(
                body.label("name", MAX_LABEL),
                body.label("type", MAX_LABEL),
                body.integer("order", -MAX_ORDER, MAX_ORDER),
                body.labels("dependsOn", MAX_DEPENDENCIES, MAX_LABEL),
                body.integer("maxRetries", 0, MAX_RETRIES),
                timeout(body, "timeoutMs"),
                timeout(body, "heartbeatTimeoutMs"),
                body.payload("input"),
                body.objectPayload("metadata"));
    }

    static String requiredStepId(Fields body) {
        return body.required("stepId", stepId(body), "");
    }

    private static @Nullable String stepId(Fields body) {
        return body.label("stepId", MAX_LABEL);
    }

    static ExecutionCommand completeExecution(Fields body) {
        var openSteps = body.choice("openSteps", OPEN_STEPS);
        return new ExecutionCommand.CompleteExecution(
                body.payload("output"), openSteps == null ? OpenSteps.REFUSE : openSteps);
    }

    static ExecutionCommand failExecution(Fields body) {
        return new ExecutionCommand.FailExecution(error(body));
    }

    static ExecutionCommand cancelExecution(Fields body) {
        return new ExecutionCommand.CancelExecution(reason(body));
    }

    static ExecutionCommand timeOutExecution(Fields body) {
        return new ExecutionCommand.TimeOutExecution(reason(body));
    }

    static ExecutionCommand retryExecution(Fields body) {
        excludeEachOther(body, "deadlineAt", "timeoutMs");
        return new ExecutionCommand.RetryExecution(
                body.labels("fromSteps", MAX_STEPS, MAX_LABEL),
                attempt(body),
                body.time("deadlineAt"),
                timeout(body, "timeoutMs"),
                reason(body));
    }

    static ExecutionCommand amendExecution(Fields body) {
        return new ExecutionCommand.AmendExecution(body.textsOrNulls("tags", TAGS), body.objectPayload("metadata"));
    }

    static ExecutionCommand startStep(Fields body, String stepId) {
        return new ExecutionCommand.StartStep(
                stepId, iteration(body), attempt(body), body.label("agentId", MAX_LABEL), stepDetails(body));
    }

    static ExecutionCommand completeStep(Fields body, String stepId) {
        return new ExecutionCommand.CompleteStep(stepId, iteration(body), attempt(body), body.payload("output"));
    }

    static ExecutionCommand failStep(Fields body, String stepId) {
        return new ExecutionCommand.FailStep(
                stepId, iteration(body), attempt(body), error(body), body.flag("retryable"), body.time("nextRetryAt"));
    }

    static ExecutionCommand skipStep(Fields body, String stepId) {
        return new ExecutionCommand.SkipStep(stepId, iteration(body), attempt(body), reason(body));
    }

    static ExecutionCommand cancelStep(Fields body, String stepId) {
        return new ExecutionCommand.CancelStep(stepId, iteration(body), attempt(body), reason(body));
    }

    static ExecutionCommand timeOutStep(Fields body, String stepId) {
        return new ExecutionCommand.TimeOutStep(stepId, iteration(body), attempt(body), reason(body));
    }

    static ExecutionCommand recordArtifact(Fields body) {
        excludeEachOther(body, "uri", "path");
        var stepId = stepId(body);
        return new ExecutionCommand.RecordArtifact(
                body.label("artifactId", MAX_LABEL),
                stepId,
                iterationOf(body, stepId),
                body.required("type", body.label("type", MAX_LABEL), ""),
                body.required("name", body.label("name", MAX_LABEL), ""),
                body.text("uri", 1, MAX_TEXT),
                body.text("path", 1, MAX_TEXT),
                body.whole("sizeBytes", 0, Long.MAX_VALUE),
                body.label("contentType", MAX_LABEL),
                sha256(body),
                body.objectPayload("metadata"));
    }

    /** @param otherwise makes the id where the body has none */
    static ExecutionCommand recordCheckpoint(Fields body, Supplier<UUID> otherwise) {
        var id = body.label("checkpointId", MAX_LABEL);
        var stepId = stepId(body);
        return new ExecutionCommand.RecordCheckpoint(
                id == null ? otherwise.get().toString() : id,
                stepId,
                iterationOf(body, stepId),
                body.required("state", body.payload("state"), NO_JSON));
    }

    private static @Nullable Integer iteration(Fields body) {
        return body.integer("iteration", 1, Integer.MAX_VALUE);
    }

    /** An iteration says something only of a step. */
    private static @Nullable Integer iterationOf(Fields body, @Nullable String stepId) {
        var iteration = iteration(body);
        if (iteration != null && stepId == null && !body.has("stepId")) {
            body.wrong("iteration", "needs a stepId");
        }
        return iteration;
    }

    private static @Nullable Integer attempt(Fields body) {
        return body.integer("attempt", 1, Integer.MAX_VALUE);
    }

    private static @Nullable Long timeout(Fields body, String name) {
        return body.whole(name, 1, MAX_TIMEOUT_MS);
    }

    private static @Nullable String reason(Fields body) {
        return body.text("reason", 0, MAX_TEXT);
    }

    private static Failure error(Fields body) {
        return body.required("error", failure(body), NO_FAILURE);
    }

    private static @Nullable Failure failure(Fields body) {
        var error = body.object("error");
        if (error == null) {
            return null;
        }
        var type = error.label("type", MAX_LABEL);
        var failure = new Failure(
                error.required("message", error.text("message", 0, MAX_MESSAGE), ""),
                type == null ? "Error" : type,
                error.text("stackTrace", 0, MAX_STACK_TRACE),
                error.payload("details"));
        error.end();
        return failure;
    }

    private static @Nullable String sha256(Fields body) {
        var text = body.label("sha256", SHA_256_DIGITS);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9a-fA-F]{64}")) {
            body.wrong("sha256", "must have " + SHA_256_DIGITS + " hexadecimal digits");
            return null;
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static void excludeEachOther(Fields body, String one, String other) {
        if (body.has(one) && body.has(other)) {
            body.wrong(other, "cannot be given together with " + one);
        }
    }
}
