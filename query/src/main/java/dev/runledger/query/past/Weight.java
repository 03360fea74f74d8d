package dev.runledger.query.past;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.CheckpointView;
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
            case ArtifactView artifact -> {
                var content = artifact.content();
                yield PART
                        + of(content.artifactId())
                        + of(content.stepId())
                        + of(content.type())
                        + of(content.name())
                        + of(content.uri())
                        + of(content.path())
                        + of(content.contentType())
                        + of(content.sha256())
                        + of(content.metadata());
            }
            case CheckpointView checkpoint ->
                PART
                        + of(checkpoint.content().checkpointId())
                        + of(checkpoint.content().stepId())
                        + of(checkpoint.content().state());
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
