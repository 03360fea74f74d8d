package dev.runledger.query.artifact;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;

/** An artifact with its metadata, as part of one execution's answer. */
public record ArtifactAnswer(@JsonUnwrapped ArtifactItem item, Json metadata) {

    static final Json EMPTY_OBJECT = Json.of("{}");
}
