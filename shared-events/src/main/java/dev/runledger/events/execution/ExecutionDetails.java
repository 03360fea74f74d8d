package dev.runledger.events.execution;

import dev.runledger.events.Json;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an executor says of an execution when it schedules or starts it. Every field is null where it was not given.
 *
 * @param workflow the workflow's name; always given by the command that creates the execution
 * @param workflowVersion as the executor names it
 * @param type free text such as {@code cost_analysis}
 * @param externalId the executor's business key, not unique
 * @param tags searchable texts by name
 * @param metadata a JSON object
 * @param input also the execution's initial state
 * @param deadlineAt when it must have ended; excludes {@code timeoutMs}
 * @param timeoutMs how many milliseconds after its start it must have ended
 */
public record ExecutionDetails(
        @Nullable String workflow,
        @Nullable Integer workflowVersion,
        @Nullable String type,
        @Nullable String agentId,
        @Nullable String customerId,
        @Nullable String externalId,
        @Nullable UUID parentExecutionId,
        @Nullable String parentStepId,
        @Nullable Map<String, String> tags,
        @Nullable Json metadata,
        @Nullable Json input,
        @Nullable Instant deadlineAt,
        @Nullable Long timeoutMs) {

    /** Nothing given, as when a scheduled execution is started without a body. */
    public static final ExecutionDetails NONE =
            new ExecutionDetails(null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** The fields that are given, to be compared with those of {@link #whole}. */
    public FieldHashes given() {
        return hashes(tags, metadata);
    }

    /** All that these details say: not naming tags or metadata says that there are none. */
    public FieldHashes whole() {
        return hashes(tags == null ? Map.of() : tags, metadata == null ? FieldHashes.EMPTY_OBJECT : metadata);
    }

    private FieldHashes hashes(@Nullable Map<String, String> texts, @Nullable Json data) {
        return FieldHashes.of(
                workflow,
                workflowVersion,
                type,
                agentId,
                customerId,
                externalId,
                parentExecutionId,
                parentStepId,
                texts,
                data,
                input,
                deadlineAt,
                timeoutMs);
    }
}
