package dev.runledger.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which past an answer shows: the last event that it is made of.
 *
 * @param version the event's number in its execution; left out where the answer is about more than one
 * @param position the event's place in the log; 0 before the log's first event
 * @param recordedAt when the log took the event; left out where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AsOf(
        @Nullable Long version, long position, @Nullable String recordedAt) {

    /** The past of one execution. */
    public static AsOf ofExecution(long version, long position, Instant recordedAt) {
        return new AsOf(version, position, EventJson.format(recordedAt));
    }

    /** The past of a namespace; {@code recordedAt} is null before the log's first event. */
    public static AsOf ofAll(long position, @Nullable Instant recordedAt) {
        return new AsOf(null, position, recordedAt == null ? null : EventJson.format(recordedAt));
    }
}
