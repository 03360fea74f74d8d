package dev.runledger.app.openapi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every operation of the API is for, in the order in which they are described. */
final class Operations {

    static final String EXECUTIONS = "Executions";
    static final String STEPS = "Steps";
    static final String ARTIFACTS = "Artifacts";
    static final String CHECKPOINTS = "Checkpoints";
    static final String AGENTS = "Agents";
    static final String EVENTS = "Events";
    static final String BATCH = "Batch";
    static final String AUDIT = "Audit";
    static final String PROJECTIONS = "Projections";
    static final String OPERATIONS = "Operations";

    /** Every tag and what it stands for. */
    static final Map<String, String> TAGS = tags();

    enum Kind {
        COMMAND,
        CREATION,
        BATCH,
        QUERY,
        PAGE,
        DIFF,
        FEED,
        /** NDJSON alone. */
        LINES,
        HEALTH,
        ACTION,
        METRICS
    }

    /**
     * An operation.
     *
     * @param body the schema of what it takes; null when it takes nothing
     * @param answer the schema of what it answers; of a list, of its items
     */
    record Described(
            String method,
            String path,
            Kind kind,
            String id,
            String tag,
            String summary,
            @Nullable String body,
            String answer) {

        boolean ofExecution() {
            return path.contains("{executionId}");
        }
    }

    private static final String EXECUTION = "/api/v1/executions/{executionId}";
    private static final String READ_MODEL = "/api/v1/projections/read-model";
    private static final String STEP = EXECUTION + "/steps/{stepId}";

    static final List<Described> ALL = List.of(
            new Described(
                    "POST",
                    "/api/v1/executions",
                    Kind.CREATION,
                    "createExecution",
                    EXECUTIONS,
                    "Start or schedule an execution",
                    "CreateExecution",
                    "CommandAnswer"),
            page("/api/v1/executions", "listExecutions", EXECUTIONS, "List executions", "ExecutionItem"),
            query(EXECUTION, "getExecution", EXECUTIONS, "Show one execution, whole", "Execution"),
            new Described(
                    "GET",
                    EXECUTION + "/diff",
                    Kind.DIFF,
                    "diffExecution",
                    EXECUTIONS,
                    "Show what changed in an execution between two versions or times, or in what two executions differ",
                    null,
                    "JsonPatch"),
            page(EXECUTION + "/children", "listChildren", EXECUTIONS, "List its child executions", "ExecutionItem"),
            page(
                    "/api/v1/workflows/{name}/executions",
                    "listExecutionsOfWorkflow",
                    EXECUTIONS,
                    "List the executions of a workflow",
                    "ExecutionItem"),
            command(
                    EXECUTION + "/start",
                    "startExecution",
                    EXECUTIONS,
                    "Start an execution that was scheduled, or that is not there yet"),
            command(EXECUTION + "/complete", "completeExecution", EXECUTIONS, "Complete an execution"),
            command(EXECUTION + "/fail", "failExecution", EXECUTIONS, "Fail an execution"),
            command(EXECUTION + "/cancel", "cancelExecution", EXECUTIONS, "Cancel an execution"),
            command(EXECUTION + "/timeout", "timeOutExecution", EXECUTIONS, "Time an execution out"),
            command(EXECUTION + "/retry", "retryExecution", EXECUTIONS, "Begin another attempt of an execution"),
            command(EXECUTION + "/amend", "amendExecution", EXECUTIONS, "Change tags and metadata of an execution"),
            command(EXECUTION + "/steps", "scheduleStep", STEPS, "Schedule one step, or an array of steps"),
            page(EXECUTION + "/steps", "listStepsOfExecution", STEPS, "List the steps of an execution", "StepItem"),
            page(STEP, "getStep", STEPS, "Show every iteration of a step with its attempts", "Step"),
            page("/api/v1/steps", "listSteps", STEPS, "List steps across executions", "StepItem"),
            command(STEP + "/start", "startStep", STEPS, "Start a step or its next attempt"),
            command(STEP + "/complete", "completeStep", STEPS, "Complete a step"),
            command(STEP + "/fail", "failStep", STEPS, "Fail a step's attempt"),
            command(STEP + "/skip", "skipStep", STEPS, "Skip a step"),
            command(STEP + "/cancel", "cancelStep", STEPS, "Cancel a step"),
            command(STEP + "/timeout", "timeOutStep", STEPS, "Time a step out"),
            command(EXECUTION + "/artifacts", "recordArtifact", ARTIFACTS, "Record an artifact"),
            page(
                    EXECUTION + "/artifacts",
                    "listArtifactsOfExecution",
                    ARTIFACTS,
                    "List the artifacts of an execution",
                    "ArtifactItem"),
            page("/api/v1/artifacts", "listArtifacts", ARTIFACTS, "List artifacts across executions", "ArtifactItem"),
            command(EXECUTION + "/checkpoints", "recordCheckpoint", CHECKPOINTS, "Record the executor's own state"),
            page(
                    EXECUTION + "/checkpoints",
                    "listCheckpoints",
                    CHECKPOINTS,
                    "List the checkpoints of an execution",
                    "CheckpointItem"),
            query(
                    EXECUTION + "/checkpoints/latest",
                    "getLatestCheckpoint",
                    CHECKPOINTS,
                    "Show the checkpoint to resume from",
                    "Checkpoint"),
            query("/api/v1/agents/{agentId}", "getAgent", AGENTS, "Show what an agent is doing", "Agent"),
            feed(EXECUTION + "/events", "listEventsOfExecution", "Read the history of an execution"),
            feed("/api/v1/events", "listEvents", "Read the log of the namespace in its order"),
            new Described(
                    "POST",
                    "/api/v1/commands",
                    Kind.BATCH,
                    "sendCommands",
                    BATCH,
                    "Send many commands; one result for each line, in the same order",
                    "BatchLine",
                    "BatchResult"),
            query(
                    "/api/v1/audit/head",
                    "getAuditHead",
                    AUDIT,
                    "Show where the log ends: the receipt to keep",
                    "AuditHead"),
            lines(
                    "/api/v1/audit/verify",
                    "verifyLog",
                    "Recompute the hash chain of the log; the last line tells what became of it",
                    "VerifyLine"),
            lines(
                    "/api/v1/audit/export",
                    "exportLog",
                    "Read the log with everything that its hashes are made of",
                    "ExportLine"),
            query("/api/v1/projections", "listProjections", PROJECTIONS, "List the projections", "Projections"),
            query(
                    READ_MODEL,
                    "getReadModel",
                    PROJECTIONS,
                    "Show how far the read model is, and what was done to it",
                    "Projection"),
            action("POST", "/pause", "pauseReadModel", "Stop following the log", "Nothing", "Projection"),
            action("POST", "/resume", "resumeReadModel", "Follow the log again", "Nothing", "Projection"),
            action(
                    "POST",
                    "/skip",
                    "skipEvent",
                    "Go on without the event that stops the read model",
                    "SkipEvent",
                    "Projection"),
            action(
                    "DELETE",
                    "/skip/{position}",
                    "takeSkipBack",
                    "Skip an event no longer; the next rebuild folds it",
                    null,
                    "Projection"),
            action(
                    "POST",
                    "/rebuild",
                    "rebuildReadModel",
                    "Make the tables anew from the log, while the old ones serve",
                    "RebuildReadModel",
                    "Rebuild"),
            action("DELETE", "/rebuild", "cancelRebuild", "End the rebuild that is under way", null, "Rebuild"),
            action(
                    "POST",
                    "/verify",
                    "verifyReadModel",
                    "Compare the tables with the log",
                    "VerifyReadModel",
                    "DriftReport"),
            health("/health", "getHealth", "Tell how everything is"),
            health("/health/live", "getLiveness", "Tell whether the process works; needs no database"),
            health("/health/ready", "getReadiness", "Tell whether requests can be served"),
            new Described(
                    "GET", "/prometheus", Kind.METRICS, "getMetrics", OPERATIONS, "Show the metrics", null, "string"));

    private Operations() {}

    /** The one that {@code method} on {@code path} is; null when it is none. */
    static @Nullable Described of(String method, String path) {
        return ALL.stream()
                .filter(described ->
                        described.method().equals(method) && described.path().equals(path))
                .findFirst()
                .orElse(null);
    }

    /** The schema of its body has the name of the operation. */
    private static Described command(String path, String id, String tag, String summary) {
        var body = Character.toUpperCase(id.charAt(0)) + id.substring(1);
        return new Described("POST", path, Kind.COMMAND, id, tag, summary, body, "CommandAnswer");
    }

    private static Described query(String path, String id, String tag, String summary, String answer) {
        return new Described("GET", path, Kind.QUERY, id, tag, summary, null, answer);
    }

    private static Described page(String path, String id, String tag, String summary, String item) {
        return new Described("GET", path, Kind.PAGE, id, tag, summary, null, item);
    }

    private static Described feed(String path, String id, String summary) {
        return new Described("GET", path, Kind.FEED, id, EVENTS, summary, null, "Event");
    }

    private static Described lines(String path, String id, String summary, String line) {
        return new Described("GET", path, Kind.LINES, id, AUDIT, summary, null, line);
    }

    private static Described action(
            String method, String path, String id, String summary, @Nullable String body, String answer) {
        return new Described(method, READ_MODEL + path, Kind.ACTION, id, PROJECTIONS, summary, body, answer);
    }

    private static Described health(String path, String id, String summary) {
        return new Described("GET", path, Kind.HEALTH, id, OPERATIONS, summary, null, "Health");
    }

    private static Map<String, String> tags() {
        var tags = new LinkedHashMap<String, String>();
        tags.put(EXECUTIONS, "Runs of workflows.");
        tags.put(STEPS, "The parts of an execution that are done one by one.");
        tags.put(ARTIFACTS, "What executions produced.");
        tags.put(CHECKPOINTS, "The executors' own states, to resume from.");
        tags.put(AGENTS, "Who runs executions and steps.");
        tags.put(EVENTS, "The log itself, with every acknowledged event.");
        tags.put(BATCH, "Many commands in one request.");
        tags.put(AUDIT, "Proof that the log is what was written.");
        tags.put(
                PROJECTIONS, "The tables that queries read: how far they are, and whether they are what the log says.");
        tags.put(OPERATIONS, "Health and metrics of the server.");
        return tags;
    }
}
