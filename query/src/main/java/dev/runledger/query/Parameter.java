package dev.runledger.query;

import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StepStatus;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Every query parameter that some query takes: how it is called, what its value is, and what it means. */
public enum Parameter {
    LIMIT("limit", Kind.LIMIT, "How many items a page may have."),
    CURSOR("cursor", Kind.TEXT, "The nextCursor of the page before."),
    INCLUDE(
            "include",
            List.of("steps", "artifacts"),
            "Parts to bring along, at most 1,000 of each, in some 8 MiB; also as one list with commas."),
    WORKFLOW("workflow", Kind.TEXT, "The execution's workflow."),
    VERSION("version", Kind.NUMBER, "The version of the execution's workflow."),
    EXECUTION_STATUS("status", names(ExecutionStatus.values()), "Any of these."),
    STEP_STATUS("status", names(StepStatus.values()), "Any of these."),
    TYPE("type", Kind.TEXT, "The type that the executor gave."),
    EVENT_TYPE("type", List.copyOf(new TreeSet<>(ExecutionEventTypes.names().values())), "Any of these."),
    NAME("name", Kind.TEXT, "The name that the executor gave."),
    STEP_ID("stepId", Kind.TEXT, "The step that an event is about."),
    AGENT_ID("agentId", Kind.TEXT, "The agent that runs it."),
    CUSTOMER_ID("customerId", Kind.TEXT, "The execution's customer."),
    EXTERNAL_ID("externalId", Kind.TEXT, "The execution's id elsewhere."),
    PARENT_EXECUTION_ID("parentExecutionId", Kind.UUID, "The execution that started it."),
    TAG("tag", Kind.TAG, "A tag as name:value; an execution has all that are given, at most 20."),
    Q("q", Kind.TEXT, "A text within the workflow's name, the error's message or the error's type, in any case."),
    CREATED_AFTER("createdAfter", Kind.TIME, "Created later than this."),
    CREATED_BEFORE("createdBefore", Kind.TIME, "Created earlier than this."),
    STARTED_AFTER("startedAfter", Kind.TIME, "Started later than this."),
    STARTED_BEFORE("startedBefore", Kind.TIME, "Started earlier than this."),
    ENDED_AFTER("endedAfter", Kind.TIME, "Ended later than this."),
    ENDED_BEFORE("endedBefore", Kind.TIME, "Ended earlier than this."),
    RECORDED_AFTER("recordedAfter", Kind.TIME, "Recorded later than this."),
    RECORDED_BEFORE("recordedBefore", Kind.TIME, "Recorded earlier than this."),
    MIN_DURATION_MS("minDurationMs", Kind.NUMBER, "Took this long at least."),
    MAX_DURATION_MS("maxDurationMs", Kind.NUMBER, "Took this long at most."),
    SORT(
            "sort",
            Kind.ONE_OF,
            List.of(
                    "-createdAt",
                    "createdAt",
                    "-startedAt",
                    "startedAt",
                    "-endedAt",
                    "endedAt",
                    "-durationMs",
                    "durationMs"),
            "The order, - for descending; all but createdAt list only what has started or ended."),
    AFTER_POSITION("after", Kind.NUMBER, "Events behind this position of the log."),
    AFTER_VERSION("after", Kind.NUMBER, "Events behind this version of the execution."),
    FROM_POSITION("from", Kind.POSITION, "The first position of the log; 1 when not said."),
    TO_POSITION("to", Kind.POSITION, "The last position of the log; its head when not said."),
    RECEIPT(
            "receipt",
            Kind.RECEIPT,
            "Position and hash of an earlier head, which the log must continue; the positions are extended to it."),
    EXECUTION_VERSION("version", Kind.NUMBER, "As it was after this many of its events; not together with at."),
    AT("at", Kind.TIME, "As it was known at this time."),
    CLOCK(
            "clock",
            Kind.ONE_OF,
            List.of("recorded", "occurred"),
            "What a time is compared with: when the log took an event, or when its executor says that it happened."
                    + " Only together with a time."),
    FROM("from", Kind.VERSION_OR_TIME, "The version or the time that is changed; needs to."),
    TO("to", Kind.VERSION_OR_TIME, "The version or the time that it is changed to; needs from."),
    WITH("with", Kind.UUID, "The execution to compare with, as both are at present; excludes the others.");

    /** What a value is. */
    public enum Kind {
        TEXT,
        UUID,
        /** RFC 3339. */
        TIME,
        /** A whole number, 0 or more. */
        NUMBER,
        /** A whole number, 0 or more, or RFC 3339. */
        VERSION_OR_TIME,
        /** From 1 to {@link QueryParameters#MAX_LIMIT}. */
        LIMIT,
        /** A whole number, 1 or more. */
        POSITION,
        /** A whole number, a colon and a hash in lower-case hex. */
        RECEIPT,
        /** A name, a colon and a value; may be repeated. */
        TAG,
        /** One of {@link #choice}. */
        ONE_OF,
        /** One of {@link #choice}; may be repeated. */
        SOME_OF
    }

    private final String text;
    private final Kind kind;
    private final List<String> choice;
    private final String meaning;

    Parameter(String text, Kind kind, String meaning) {
        this(text, kind, List.of(), meaning);
    }

    Parameter(String text, List<String> choice, String meaning) {
        this(text, Kind.SOME_OF, choice, meaning);
    }

    Parameter(String text, Kind kind, List<String> choice, String meaning) {
        this.text = text;
        this.kind = kind;
        this.choice = choice;
        this.meaning = meaning;
    }

    /** As a request names it. */
    public String text() {
        return text;
    }

    public Kind kind() {
        return kind;
    }

    /** The values it may have, the default first for one of them; empty where it may have any of its kind. */
    public List<String> choice() {
        return choice;
    }

    /** What it selects, in a sentence. */
    public String meaning() {
        return meaning;
    }

    private static List<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).toList();
    }
}
