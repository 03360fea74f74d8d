package dev.runledger.query.checkpoint;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;

/** A checkpoint with its state. */
record CheckpointAnswer(@JsonUnwrapped CheckpointItem item, Json state) {}
