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
 * @param clock {@code occurred} where events were left out that occurred after {@code at}; left out otherwise
 * @param at a time by the executors' clocks; left out exactly when {@code clock} is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AsOf(
        @Nullable Long version,
        long position,
        @Nullable String recordedAt,
        @Nullable String clock,
        @Nullable String at) {

    /** The past of one execution. */
    public static AsOf ofExecution(long version, long position, Instant recordedAt) {
        return new AsOf(version, position, EventJson.format(recordedAt), null, null);
    }

    /** This, where what occurred after {@code time} was left out. */
    public AsOf occurredBy(Instant time) {
        return new AsOf(version, position, recordedAt, "occurred", EventJson.format(time));
    }

    /** The past of a namespace; {@code recordedAt} is null before the log's first event. */
    public static AsOf ofAll(long position, @Nullable Instant recordedAt) {
        return new AsOf(null, position, recordedAt == null ? null : EventJson.format(recordedAt), null, null);
    }
}
