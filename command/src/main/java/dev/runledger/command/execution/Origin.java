package dev.runledger.command.execution;

import org.jspecify.annotations.Nullable;

/**
 * Who sent a request; goes into the metadata of every event it leads to.
 *
 * @param actor the name of the API key
 * @param requestId the request's own id
 * @param traceparent the W3C trace context; null when the request had none
 */
public record Origin(
        String actor, String requestId, @Nullable String traceparent) {}
