package dev.runledger.query.artifact;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.ExecutionId;
import java.util.Objects;

/** An artifact with its metadata, as part of one execution's answer. */
public record ArtifactAnswer(@JsonUnwrapped ArtifactItem item, Json metadata) {

    static final Json EMPTY_OBJECT = Json.of("{}");

    static ArtifactAnswer of(ExecutionId execution, ArtifactView artifact) {
        return new ArtifactAnswer(
                ArtifactItem.of(execution, artifact),
                Objects.requireNonNullElse(artifact.content().metadata(), EMPTY_OBJECT));
    }
}
