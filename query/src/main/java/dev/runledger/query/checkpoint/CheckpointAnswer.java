package dev.runledger.query.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.query.AsOf;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint with its state.
 *
 * @param asOf the past in which it is the latest; null, and left out, for the present
 */
record CheckpointAnswer(
        @JsonUnwrapped CheckpointItem item,
        Json state,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AsOf asOf) {}
