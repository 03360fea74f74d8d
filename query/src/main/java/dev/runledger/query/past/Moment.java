package dev.runledger.query.past;

import dev.runledger.events.EventJson;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which past of an execution is asked for. */
public sealed interface Moment {

    /** After so many of its events. */
    record Version(long number) implements Moment {}

    /** As the log knew it at a time: the events that were recorded by then. */
    record Recorded(Instant time) implements Moment {}

    /** As its executors tell it: the events that had occurred by a time, in the order of the log. */
    record Occurred(Instant time) implements Moment {}

    /** Two pasts of one execution. */
    record Interval(Moment from, Moment to) {}

    /** For people, as the end of "the execution …". */
    default String text() {
        return switch (this) {
            case Version version -> "in version " + version.number();
            case Recorded recorded -> "at " + EventJson.format(recorded.time());
            case Occurred occurred -> "at " + EventJson.format(occurred.time()) + " by its executors' clocks";
        };
    }

    /**
     * The past that the parameters {@code version}, {@code at} and {@code clock} ask for; null for the present.
     *
     * @throws QueryProblem when they do not go together
     */
    static @Nullable Moment of(QueryParameters given) {
        var version = given.number("version", 0);
        var at = given.time("at");
        var clock = Clock.of(given);
        if (version != null && at != null) {
            throw QueryProblem.badParameter("at", "is given together with version");
        }
        if (clock != null && at == null) {
            throw QueryProblem.badParameter("clock", "is given without at");
        }
        return at != null ? Clock.moment(clock, at) : version != null ? new Version(version) : null;
    }

    /**
     * The pasts that the parameters {@code from} and {@code to} name, each a version or a time.
     *
     * @throws QueryProblem when one is missing, or {@code clock} does not go with them
     */
    static Interval between(QueryParameters given) {
        var from = given.text("from");
        var to = given.text("to");
        var clock = Clock.of(given);
        if (from == null) {
            throw QueryProblem.badParameter("from", "is missing");
        }
        if (to == null) {
            throw QueryProblem.badParameter("to", "is missing");
        }
        if (clock != null && (Clock.isVersion(from) || Clock.isVersion(to))) {
            throw QueryProblem.badParameter("clock", "is given with a version");
        }
        return new Interval(Clock.momentOf("from", from, clock), Clock.momentOf("to", to, clock));
    }

    /** What a time is compared with. */
    enum Clock {
        RECORDED,
        OCCURRED;

        private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+");

        private static @Nullable Clock of(QueryParameters given) {
            var text = given.text("clock");
            return text == null
                    ? null
                    : Arrays.stream(values())
                            .filter(clock ->
                                    clock.name().toLowerCase(Locale.ROOT).equals(text))
                            .findFirst()
                            .orElseThrow(() -> QueryProblem.badParameter("clock", "is none of recorded, occurred"));
        }

        /** Anything else is to be a time. */
        private static boolean isVersion(String value) {
            return NUMBER.matcher(value).matches();
        }

        private static Moment momentOf(String name, String value, @Nullable Clock clock) {
            return isVersion(value)
                    ? new Version(QueryParameters.number(name, value, 0))
                    : moment(clock, QueryParameters.time(name, value));
        }

        private static Moment moment(@Nullable Clock clock, Instant time) {
            return clock == OCCURRED ? new Occurred(time) : new Recorded(time);
        }
    }
}
