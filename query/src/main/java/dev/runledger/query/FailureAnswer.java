package dev.runledger.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.Json;
import dev.runledger.events.execution.Failure;
import org.jspecify.annotations.Nullable;

/** Why something failed; {@code stackTrace} and {@code details} are left out where there are none. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailureAnswer(
        String message,
        String type,
        @Nullable String stackTrace,
        @Nullable Json details) {

    /** {@code failure} as it is answered; null where there is none. */
    public static @Nullable FailureAnswer of(@Nullable Failure failure) {
        return failure == null
                ? null
                : new FailureAnswer(failure.message(), failure.type(), failure.stackTrace(), failure.details());
    }

    /** {@code failure} as lists answer it; null where there is none. */
    public static @Nullable FailureAnswer brief(@Nullable Failure failure) {
        return failure == null ? null : new FailureAnswer(failure.message(), failure.type(), null, null);
    }
}
