package dev.runledger.events.execution;

import dev.runledger.events.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An execution's own fields, as people see them: all but its parts.
 *
 * @param version how many events it has
 * @param position the place of its last event in the log
 * @param details all that was said of it; its {@code deadlineAt} is the present attempt's, its {@code timeoutMs} the
 *     one given with the schedule or start
 * @param statusSince the place in the log of the event that brought it to its status
 * @param attempt 1, and one more with every retry
 * @param output null unless it is COMPLETED with one
 * @param error null unless it is FAILED
 * @param createdAt when its first event occurred
 * @param iterations the highest iteration of any step, 0 without steps
 * @param erased whether its contents were removed for good
 */
public record ExecutionHeader(
        ExecutionId id,
        long version,
        long position,
        ExecutionDetails details,
        ExecutionStatus status,
        long statusSince,
        int attempt,
        @Nullable Json output,
        @Nullable Failure error,
        Instant createdAt,
        Span span,
        StepCounts stepCounts,
        int iterations,
        int artifactCount,
        boolean erased) {

    /** The last instant that every part of the system can write; a deadline beyond it is this. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    /** The execution before its first event, which is {@code recorded}, has been applied. */
    static ExecutionHeader before(RecordedEvent recorded) {
        return new ExecutionHeader(
                recorded.execution(),
                0,
                0,
                ExecutionDetails.NONE,
                ExecutionStatus.PENDING,
                recorded.position(),
                1,
                null,
                null,
                recorded.occurredAt(),
                Span.NONE,
                StepCounts.NONE,
                0,
                0,
                false);
    }

    ExecutionHeader at(RecordedEvent recorded) {
        return new ExecutionHeader(
                id,
                recorded.version(),
                recorded.position(),
                details,
                status,
                statusSince,
                attempt,
                output,
                error,
                createdAt,
                span,
                stepCounts,
                iterations,
                artifactCount,
                erased);
    }

    ExecutionHeader scheduled(ExecutionDetails given) {
        return knowing(given);
    }

    ExecutionHeader started(ExecutionDetails given, RecordedEvent recorded) {
        // The start of a scheduled execution may repeat what was said, and never what was amended since.
        var known = details.workflow() == null ? given : details;
        var deadlineAt =
                known.deadlineAt() != null ? known.deadlineAt() : after(recorded.recordedAt(), known.timeoutMs());
        return knowing(withDeadline(known, deadlineAt))
                .standing(ExecutionStatus.RUNNING, attempt, null, null, span.startedFirstAt(recorded.occurredAt()));
    }

    ExecutionHeader ended(ExecutionStatus end, @Nullable Json output, @Nullable Failure error, RecordedEvent recorded) {
        return standing(end, attempt, output, error, span.endedAt(recorded.occurredAt()));
    }

    ExecutionHeader retried(ExecutionEvent.ExecutionRetried retried, RecordedEvent recorded) {
        var timeoutMs = retried.timeoutMs() != null ? retried.timeoutMs() : details.timeoutMs();
        var deadlineAt = retried.deadlineAt() != null ? retried.deadlineAt() : after(recorded.recordedAt(), timeoutMs);
        return knowing(withDeadline(details, deadlineAt))
                .standing(
                        ExecutionStatus.RUNNING,
                        retried.attempt(),
                        null,
                        null,
                        span.reopened().startedFirstAt(recorded.occurredAt()));
    }

    ExecutionHeader amended(ExecutionEvent.ExecutionAmended amended) {
        var metadata = amended.metadata() == null
                ? details.metadata()
                : MergePatch.apply(details.metadata(), amended.metadata());
        return knowing(withTagsAndMetadata(details, tagsAfter(amended.tags()), metadata));
    }

    ExecutionHeader stepMoved(@Nullable StepStatus from, StepStatus to, int iteration) {
        return new ExecutionHeader(
                id,
                version,
                position,
                details,
                status,
                statusSince,
                attempt,
                output,
                error,
                createdAt,
                span,
                stepCounts.moved(from, to),
                Math.max(iterations, iteration),
                artifactCount,
                erased);
    }

    ExecutionHeader oneArtifactMore() {
        return new ExecutionHeader(
                id,
                version,
                position,
                details,
                status,
                statusSince,
                attempt,
                output,
                error,
                createdAt,
                span,
                stepCounts,
                iterations,
                artifactCount + 1,
                erased);
    }

    /** What the types of the events tell is kept: its life, without anything that was said of it. */
    ExecutionHeader erase() {
        return new ExecutionHeader(
                id,
                version,
                position,
                ExecutionDetails.NONE,
                status,
                statusSince,
                1,
                null,
                null,
                createdAt,
                span,
                StepCounts.NONE,
                0,
                0,
                true);
    }

    /** What further events need of it: not its input. */
    ExecutionHeader written() {
        return details.input() == null ? this : knowing(withInput(details, null));
    }

    private ExecutionHeader knowing(ExecutionDetails details) {
        return new ExecutionHeader(
                id,
                version,
                position,
                details,
                status,
                statusSince,
                attempt,
                output,
                error,
                createdAt,
                span,
                stepCounts,
                iterations,
                artifactCount,
                erased);
    }

    private ExecutionHeader standing(
            ExecutionStatus status, int attempt, @Nullable Json output, @Nullable Failure error, Span span) {
        return new ExecutionHeader(
                id,
                version,
                position,
                details,
                status,
                status == this.status ? statusSince : position,
                attempt,
                output,
                error,
                createdAt,
                span,
                stepCounts,
                iterations,
                artifactCount,
                erased);
    }

    private @Nullable Map<String, String> tagsAfter(@Nullable Map<String, @Nullable String> changes) {
        if (changes == null || changes.isEmpty()) {
            return details.tags();
        }
        var tags = new TreeMap<String, String>();
        if (details.tags() != null) {
            tags.putAll(details.tags());
        }
        changes.forEach((name, text) -> {
            if (text == null) {
                tags.remove(name);
            } else {
                tags.put(name, text);
            }
        });
        return tags;
    }

    private static ExecutionDetails withDeadline(ExecutionDetails of, @Nullable Instant deadlineAt) {
        return new ExecutionDetails(
                of.workflow(),
                of.workflowVersion(),
                of.type(),
                of.agentId(),
                of.customerId(),
                of.externalId(),
                of.parentExecutionId(),
                of.parentStepId(),
                of.tags(),
                of.metadata(),
                of.input(),
                deadlineAt,
                of.timeoutMs());
    }

    private static ExecutionDetails withInput(ExecutionDetails of, @Nullable Json input) {
        return new ExecutionDetails(
                of.workflow(),
                of.workflowVersion(),
                of.type(),
                of.agentId(),
                of.customerId(),
                of.externalId(),
                of.parentExecutionId(),
                of.parentStepId(),
                of.tags(),
                of.metadata(),
                input,
                of.deadlineAt(),
                of.timeoutMs());
    }

    private static ExecutionDetails withTagsAndMetadata(
            ExecutionDetails of, @Nullable Map<String, String> tags, @Nullable Json metadata) {
        return new ExecutionDetails(
                of.workflow(),
                of.workflowVersion(),
                of.type(),
                of.agentId(),
                of.customerId(),
                of.externalId(),
                of.parentExecutionId(),
                of.parentStepId(),
                tags,
                metadata,
                of.input(),
                of.deadlineAt(),
                of.timeoutMs());
    }

    private static @Nullable Instant after(Instant time, @Nullable Long millis) {
        if (millis == null) {
            return null;
        }
        return millis > Duration.between(time, LAST).toMillis() ? LAST : time.plusMillis(millis);
    }
}
