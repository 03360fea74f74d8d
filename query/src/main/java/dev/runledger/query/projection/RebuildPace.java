package dev.runledger.query.projection;

import java.time.Duration;

/**
 * How much of the machine a rebuild takes: all of it where nobody appends, and a part where somebody does, in short
 * pieces, unless the log would grow faster than the tables. Told by one thread where the log ends; any may ask.
 */
final class RebuildPace {

    /** Appends faster than this are somebody's load. */
    private static final double LOAD_EVENTS_PER_SECOND = 200;

    /** Appends faster than this are not caught up with in short pieces. */
    private static final double STORM_EVENTS_PER_SECOND = 10_000;

    /** The tables may fall back so far behind where they were nearest to the log. */
    private static final long RUNS_AWAY_EVENTS = 10_000;

    /** So many times as long as it worked, a rebuild leaves the processor to others. */
    private static final int RESTS = 3;

    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    /** A shorter time says nothing: events come in groups. */
    private static final long SHORTEST_LOOK_NANOS = 10_000_000;

    private volatile boolean idle;
    private volatile boolean storm;
    private volatile boolean runsAway;
    private volatile boolean hurries;
    private long headThen;
    private long lookedAt;
    private long nearest = Long.MAX_VALUE - RUNS_AWAY_EVENTS;

    /** Whether nobody appends; not before that is known. */
    boolean isIdle() {
        return idle;
    }

    /** Whether to work in short pieces, and to rest after each. */
    boolean isGentle() {
        return !idle && !storm && !runsAway && !hurries;
    }

    /** Looks at how fast the log grows. */
    void look(long head, long now) {
        if (lookedAt != 0 && now - lookedAt < SHORTEST_LOOK_NANOS) {
            return;
        }
        var rate = (head - headThen) / ((now - lookedAt) / 1e9);
        idle = lookedAt != 0 && rate <= LOAD_EVENTS_PER_SECOND;
        storm = lookedAt != 0 && rate > STORM_EVENTS_PER_SECOND;
        headThen = head;
        lookedAt = now;
    }

    /** How long to rest after a piece of work that leaves the tables {@code distance} events behind the log. */
    Duration rest(long workedNanos, long distance) {
        nearest = Math.min(nearest, distance);
        runsAway = distance > nearest + RUNS_AWAY_EVENTS;
        return rest(workedNanos);
    }

    /** As {@link #rest(long, long)}, after work that does not bring the tables nearer to the log. */
    Duration rest(long workedNanos) {
        if (!isGentle()) {
            return Duration.ZERO;
        }
        var rest = Duration.ofNanos(RESTS * workedNanos);
        return rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
    }

    /** From here on it neither rests nor works in short pieces, whoever appends. */
    void hurry() {
        hurries = true;
    }

    /** From here on the tables may be as far behind the log as they are. */
    void anew() {
        nearest = Long.MAX_VALUE - RUNS_AWAY_EVENTS;
        runsAway = false;
    }
}
