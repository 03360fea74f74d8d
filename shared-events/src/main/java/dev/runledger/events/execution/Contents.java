package dev.runledger.events.execution;

import dev.runledger.events.ContentHash;
import dev.runledger.events.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content hash of each kind of command, computed alike from a command and from the event that it led to. Content
 * leaves out when a thing happened, and which attempt, iteration or version it was about.
 */
public final class Contents {

    private Contents() {}

    public static StartContent start(ExecutionDetails details, @Nullable List<String> stepIds) {
        return new StartContent(
                details.whole(), stepIds == null || stepIds.isEmpty() ? ContentHash.NONE : ContentHash.of(stepIds));
    }

    public static long retry(
            @Nullable List<String> fromSteps,
            @Nullable Instant deadlineAt,
            @Nullable Long timeoutMs,
            @Nullable String reason) {
        return ContentHash.ofFields(fromSteps, deadlineAt, timeoutMs, reason);
    }

    public static long amendment(@Nullable Map<String, @Nullable String> tags, @Nullable Json metadata) {
        return ContentHash.ofFields(
                tags == null || tags.isEmpty() ? null : tags, FieldHashes.unlessEmptyObject(metadata));
    }

    public static long stepStart(@Nullable String agentId, StepDetails details) {
        return ContentHash.ofFields(agentId, details.whole().contentHash());
    }

    /** Of completing an execution or a step. */
    public static long completion(@Nullable Json output) {
        return ContentHash.ofFields(output);
    }

    /** Of failing an execution. */
    public static long failure(Failure error) {
        return ContentHash.ofFields(error.message(), error.type(), error.stackTrace(), error.details());
    }

    /** Of failing an attempt; not saying {@code retryable} is saying true. */
    public static long failure(Failure error, @Nullable Boolean retryable, @Nullable Instant nextRetryAt) {
        return ContentHash.ofFields(failure(error), retryable == null || retryable, nextRetryAt);
    }

    /** Of an end that carries a reason alone: skipping, cancelling, timing out. */
    public static long reason(@Nullable String reason) {
        return ContentHash.ofFields(reason);
    }

    public static long artifact(
            @Nullable String stepId,
            String type,
            String name,
            @Nullable String uri,
            @Nullable String path,
            @Nullable Long sizeBytes,
            @Nullable String contentType,
            @Nullable String sha256,
            @Nullable Json metadata) {
        return ContentHash.ofFields(
                stepId, type, name, uri, path, sizeBytes, contentType, sha256, FieldHashes.unlessEmptyObject(metadata));
    }

    public static long checkpoint(@Nullable String stepId, Json state) {
        return ContentHash.ofFields(stepId, state);
    }
}
