package dev.runledger.events.execution;

import dev.runledger.events.Json;
import org.jspecify.annotations.Nullable;

/**
 * Why an execution or an attempt failed.
 *
 * @param message for people
 * @param type the executor's class of error, {@code Error} where it named none
 * @param stackTrace null when there is none
 * @param details anything else the executor knows, null when nothing
 */
public record Failure(
        String message,
        String type,
        @Nullable String stackTrace,
        @Nullable Json details) {}
