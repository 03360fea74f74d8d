package dev.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rebuild of the tables, as people see it.
 *
 * @param reason why it was asked for
 * @param position up to where the log is folded
 * @param head where the log ended then
 * @param percent how much of the log that is, 0 to 100
 * @param eventsPerSecond null before anybody knows
 * @param requestedAt RFC 3339
 * @param endsAt when it will have caught up at that rate; null unless it runs and the rate is known
 * @param endedAt null while it runs
 * @param rowsRead how many events were read for it, again after a break too
 * @param node the one that works, or did last; null before one does
 * @param error why it failed; null when it did not
 * @param failedPosition the event at fault; null when it did not fail, or not because of one
 * @param drift how the tables that were shown differed; null while nobody has compared
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Rebuild(
        UUID id,
        State state,
        String reason,
        String codeVersion,
        long position,
        long head,
        int percent,
        @Nullable Double eventsPerSecond,
        String requestedAt,
        @Nullable String endsAt,
        @Nullable String endedAt,
        long rowsRead,
        @Nullable String node,
        @Nullable String error,
        @Nullable Long failedPosition,
        @Nullable DriftReport drift) {

    enum State {
        RUNNING,
        DONE,
        FAILED,
        CANCELLED
    }
}
