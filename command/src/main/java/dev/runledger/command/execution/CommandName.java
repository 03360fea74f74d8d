package dev.runledger.command.execution;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The commands of an execution under the names that batches and meters use. */
public enum CommandName {
    SCHEDULE_EXECUTION("ScheduleExecution"),
    START_EXECUTION("StartExecution"),
    COMPLETE_EXECUTION("CompleteExecution"),
    FAIL_EXECUTION("FailExecution"),
    CANCEL_EXECUTION("CancelExecution"),
    TIME_OUT_EXECUTION("TimeOutExecution"),
    RETRY_EXECUTION("RetryExecution"),
    AMEND_EXECUTION("AmendExecution"),
    SCHEDULE_STEP("ScheduleStep"),
    START_STEP("StartStep"),
    COMPLETE_STEP("CompleteStep"),
    FAIL_STEP("FailStep"),
    SKIP_STEP("SkipStep"),
    CANCEL_STEP("CancelStep"),
    TIME_OUT_STEP("TimeOutStep"),
    RECORD_ARTIFACT("RecordArtifact"),
    RECORD_CHECKPOINT("RecordCheckpoint");

    /** Every command by its name, in the order of the table. */
    static final Map<String, CommandName> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toMap(CommandName::text, name -> name, (one, other) -> one, LinkedHashMap::new));

    private final String text;

    CommandName(String text) {
        this.text = text;
    }

    /** As in {@code StartStep}. */
    public String text() {
        return text;
    }

    /** Whether the command may be the first of its execution. */
    boolean creates() {
        return this == SCHEDULE_EXECUTION || this == START_EXECUTION;
    }

    /** The command called {@code text}, or null. */
    public static @Nullable CommandName of(String text) {
        return BY_NAME.get(text);
    }
}
