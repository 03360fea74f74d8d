package dev.runledger.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EventJsonTest {

    @Nested
    class ATime {

        private static final DateTimeFormatter PATTERN =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

        @Test
        void isWrittenWithSixDigitsOfASecond() {
            assertThat(EventJson.format(Instant.parse("2026-02-28T23:59:59.999999999Z")))
                    .isEqualTo("2026-02-28T23:59:59.999999Z");
            assertThat(EventJson.format(Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00.000000Z");
            assertThat(EventJson.format(Instant.parse("0001-01-01T00:00:00Z")))
                    .isEqualTo("0001-01-01T00:00:00.000000Z");
        }

        @Test
        void isWrittenAsAFormatterDoes() {
            var random = new Random(1);
            for (var n = 0; n < 100_000; n++) {
                // The years -1000 to 11000.
                var time = Instant.ofEpochSecond(
                        random.nextLong(-93_724_000_000L, 284_965_000_000L), random.nextInt(1_000_000_000));
                assertThat(EventJson.format(time)).isEqualTo(PATTERN.format(time));
            }
        }
    }
}
