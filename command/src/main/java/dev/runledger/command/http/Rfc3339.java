package dev.runledger.command.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** RFC 3339 date-times, cut off after microseconds, of the years 0001 to 9999 in UTC. */
final class Rfc3339 {

    private static final long FIRST_SECOND =
            Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    private static final long LAST_SECOND =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private Rfc3339() {}

    /** The time, or null when {@code text} is none. A leap second is none either: no clock here has one. */
    static @Nullable Instant parse(String text) {
        try {
            return read(text);
        } catch (DateTimeException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static @Nullable Instant read(String text) {
        if (text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || Character.toUpperCase(text.charAt(10)) != 'T'
                || text.charAt(13) != ':'
                || text.charAt(16) != ':') {
            return null;
        }
        var date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
        var at = 19;
        var micros = 0;
        if (text.charAt(at) == '.') {
            var digits = 0;
            for (at++; isDigit(text.charAt(at)); at++, digits++) {
                if (digits < 6) {
                    micros = micros * 10 + text.charAt(at) - '0';
                }
            }
            if (digits == 0) {
                return null;
            }
            for (; digits < 6; digits++) {
                micros *= 10;
            }
        }
        var second = date.toEpochDay() * 86_400
                + within(number(text, 11, 13), 23) * 3_600
                + within(number(text, 14, 16), 59) * 60
                + within(number(text, 17, 19), 59)
                - offset(text, at);
        return second < FIRST_SECOND || second > LAST_SECOND ? null : Instant.ofEpochSecond(second, micros * 1_000L);
    }

    /** Seconds east of UTC, written from {@code at} to the end. */
    private static int offset(String text, int at) {
        var sign = text.charAt(at);
        if (sign == 'Z' || sign == 'z') {
            requireEnd(text, at + 1);
            return 0;
        }
        if ((sign != '+' && sign != '-') || text.charAt(at + 3) != ':') {
            throw new DateTimeException("no offset");
        }
        var seconds = within(number(text, at + 1, at + 3), 23) * 3_600 + within(number(text, at + 4, at + 6), 59) * 60;
        requireEnd(text, at + 6);
        return sign == '-' ? -seconds : seconds;
    }

    private static void requireEnd(String text, int at) {
        if (text.length() != at) {
            throw new DateTimeException("goes on");
        }
    }

    private static int within(int number, int most) {
        if (number > most) {
            throw new DateTimeException("out of range");
        }
        return number;
    }

    private static int number(String text, int from, int to) {
        var number = 0;
        for (var i = from; i < to; i++) {
            if (!isDigit(text.charAt(i))) {
                throw new DateTimeException("no digit");
            }
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
