package dev.runledger.query;

import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request. Every method throws a {@link QueryProblem} naming the parameter at fault. */
public final class QueryParameters {

    /** As {@link Parameter} names it. */
    public static final String CURSOR = "cursor";

    private static final String LIMIT = "limit";

    /** How many items a page has when nothing is said. */
    public static final int DEFAULT_LIMIT = 50;

    /** How many items a page may have. */
    public static final int MAX_LIMIT = 500;

    /** How many characters a value may have. */
    public static final int MAX_TEXT = 4_096;

    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    /** Years that every clock and column can hold. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final Map<String, String[]> given;

    private QueryParameters(Map<String, String[]> given) {
        this.given = given;
    }

    /** The parameters of {@code request}, of which only {@code known} ones may be given. */
    static QueryParameters of(HttpServletRequest request, Set<String> known) {
        var given = request.getParameterMap();
        given.forEach((name, values) -> {
            if (!known.contains(name)) {
                throw QueryProblem.badParameter(name.replace('\0', '\uFFFD'), "is unknown here");
            }
            for (var value : values) {
                checked(name, value);
                if (value.isEmpty()) {
                    throw QueryProblem.badParameter(name, "is empty");
                }
                if (value.length() > MAX_TEXT) {
                    throw QueryProblem.badParameter(name, "is longer than " + MAX_TEXT + " characters");
                }
            }
        });
        return new QueryParameters(given);
    }

    /** {@code value}, which holds no NUL. */
    public static String checked(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw QueryProblem.badParameter(name, "holds a NUL character");
        }
        return value;
    }

    /** A UUID in its usual form. */
    public static UUID uuid(String name, String value) {
        if (!UUID_TEXT.matcher(value).matches()) {
            throw QueryProblem.badParameter(name, "is no UUID");
        }
        return UUID.fromString(value);
    }

    /** A parameter that may be given once; null when it is not. */
    public @Nullable String text(String name) {
        var values = given.get(name);
        if (values == null || values.length == 0) {
            return null;
        }
        if (values.length > 1) {
            throw QueryProblem.badParameter(name, "is given more than once");
        }
        return values[0];
    }

    /** A parameter that may be given any number of times. */
    public List<String> texts(String name) {
        var values = given.get(name);
        return values == null ? List.of() : List.of(values);
    }

    /** The constants of {@code type} that are given, each once. */
    public <E extends Enum<E>> List<E> constants(String name, Class<E> type) {
        return texts(name).stream()
                .map(value -> constant(name, value, type))
                .distinct()
                .toList();
    }

    /** A whole number of at least {@code least}. */
    public @Nullable Long number(String name, long least) {
        var value = text(name);
        return value == null ? null : number(name, value, least);
    }

    /** A whole number of at least {@code least}. */
    public static long number(String name, String value, long least) {
        try {
            var number = Long.parseLong(value);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw QueryProblem.badParameter(name, "is no whole number");
        }
        throw QueryProblem.badParameter(name, "is less than " + least);
    }

    /** A time as RFC 3339, cut to microseconds. */
    public @Nullable Instant time(String name) {
        var value = text(name);
        return value == null ? null : time(name, value);
    }

    /** A time as RFC 3339, cut to microseconds. */
    public static Instant time(String name, String value) {
        Instant time;
        try {
            // A plus sign that was not encoded arrives as a blank.
            time = OffsetDateTime.parse(value.replace(' ', '+')).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw QueryProblem.badParameter(name, "is no time like 2026-01-31T12:00:00Z");
        }
        if (!isStorable(time)) {
            throw QueryProblem.badParameter(name, "is beyond the years 1 to 9999");
        }
        return time;
    }

    /** Whether the database, and RFC 3339, know {@code time}: the years 1 to 9999. */
    static boolean isStorable(Instant time) {
        return !time.isBefore(FIRST) && !time.isAfter(LAST);
    }

    /** How many items a page may have. */
    public int limit() {
        var value = text(LIMIT);
        if (value == null) {
            return DEFAULT_LIMIT;
        }
        var limit = number(LIMIT, value, 1);
        if (limit > MAX_LIMIT) {
            throw QueryProblem.badParameter(LIMIT, "is more than " + MAX_LIMIT);
        }
        return (int) limit;
    }

    /** Where the page begins; null for the first. */
    public @Nullable String cursor() {
        return text(CURSOR);
    }

    private static <E extends Enum<E>> E constant(String name, String value, Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(value))
                .findFirst()
                .orElseThrow(() ->
                        QueryProblem.badParameter(name, "is none of " + Arrays.toString(type.getEnumConstants())));
    }
}
