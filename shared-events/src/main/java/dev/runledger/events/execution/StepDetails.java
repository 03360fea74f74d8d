package dev.runledger.events.execution;

import dev.runledger.events.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an executor says of a step when it schedules or first starts it. Every field is null where it was not given.
 *
 * @param name for people
 * @param type a task reference or node type
 * @param order the place among the execution's steps
 * @param dependsOn ids of the steps that come before it; recorded, never enforced
 * @param maxRetries how often a failed attempt is tried again; 0 where not given
 * @param timeoutMs how many milliseconds an attempt may take
 * @param heartbeatTimeoutMs how many milliseconds may pass between heartbeats
 * @param metadata a JSON object
 */
public record StepDetails(
        @Nullable String name,
        @Nullable String type,
        @Nullable Integer order,
        @Nullable List<String> dependsOn,
        @Nullable Integer maxRetries,
        @Nullable Long timeoutMs,
        @Nullable Long heartbeatTimeoutMs,
        @Nullable Json input,
        @Nullable Json metadata) {

    /** Nothing given. */
    public static final StepDetails NONE = new StepDetails(null, null, null, null, null, null, null, null, null);

    /** The fields that are given, to be compared with those of {@link #whole}. */
    public FieldHashes given() {
        return hashes(dependsOn, maxRetries, metadata);
    }

    /** All that these details say: not naming dependencies, retries or metadata says that there are none. */
    public FieldHashes whole() {
        return hashes(
                dependsOn == null ? List.of() : dependsOn,
                maxRetries == null ? 0 : maxRetries,
                metadata == null ? FieldHashes.EMPTY_OBJECT : metadata);
    }

    private FieldHashes hashes(@Nullable List<String> dependencies, @Nullable Integer retries, @Nullable Json data) {
        return FieldHashes.of(name, type, order, dependencies, retries, timeoutMs, heartbeatTimeoutMs, input, data);
    }
}
