package dev.runledger.query.past;

import dev.runledger.events.Json;
import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.Failure;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** About how many bytes of memory a value takes. */
final class Weight {

    /** A row of a view with its place in the maps and its share of the paths to it. */
    static final int PART = 400;

    private static final int ATTEMPT = 200;
    private static final int TEXT = 56;

    private Weight() {}

    static long of(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> ofText(text);
            case Json json -> TEXT + ofText(json.text());
            case Failure failure ->
                of(failure.message()) + of(failure.type()) + of(failure.stackTrace()) + of(failure.details());
            case ArtifactRecorded artifact ->
                PART
                        + of(artifact.artifactId())
                        + of(artifact.stepId())
                        + of(artifact.type())
                        + of(artifact.name())
                        + of(artifact.uri())
                        + of(artifact.path())
                        + of(artifact.contentType())
                        + of(artifact.sha256())
                        + of(artifact.metadata());
            case CheckpointRecorded checkpoint ->
                PART + of(checkpoint.checkpointId()) + of(checkpoint.stepId()) + of(checkpoint.state());
            case AttemptView attempt -> ATTEMPT + of(attempt.agentId()) + of(attempt.error());
            case Collection<?> values -> values.stream().mapToLong(Weight::of).sum();
            case Map<?, ?> values -> of(values.keySet()) + of(values.values());
            default -> PART;
        };
    }

    /** A text takes one byte for each character until one of them needs two. */
    private static long ofText(String text) {
        var length = text.length();
        for (var i = 0; i < length; i++) {
            if (text.charAt(i) > 0xFF) {
                return TEXT + 2L * length;
            }
        }
        return TEXT + length;
    }
}
