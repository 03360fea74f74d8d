package dev.runledger.events;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON form of events and answers: times as RFC 3339 in UTC with exactly six digits of a second, absent
 * fields left out, numbers with every digit, unknown fields refused.
 */
public final class EventJson {

    /** Values nest at most this deep, in requests and in the log. */
    public static final int MAX_DEPTH = 100;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private static final byte[] TEMPLATE = "0000-00-00T00:00:00.000000Z".getBytes(StandardCharsets.ISO_8859_1);
    private static final long SECONDS_A_DAY = 86_400;

    /** Of the years that have four digits. */
    private static final long FIRST_SECOND =
            Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();

    private static final long LAST_SECOND =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private static final JsonMapper MAPPER = build();

    private EventJson() {}

    /** The shared mapper; thread-safe. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** {@code time} as RFC 3339 in UTC with microseconds. */
    public static String format(Instant time) {
        var second = time.getEpochSecond();
        if (second < FIRST_SECOND || second > LAST_SECOND) {
            return TIME.format(time);
        }
        // Answers are full of times, and by the formatter they take as long as all the rest.
        var day = LocalDate.ofEpochDay(Math.floorDiv(second, SECONDS_A_DAY));
        var ofDay = (int) Math.floorMod(second, SECONDS_A_DAY);
        var text = TEMPLATE.clone();
        digits(text, 0, 4, day.getYear());
        digits(text, 5, 2, day.getMonthValue());
        digits(text, 8, 2, day.getDayOfMonth());
        digits(text, 11, 2, ofDay / 3_600);
        digits(text, 14, 2, ofDay / 60 % 60);
        digits(text, 17, 2, ofDay % 60);
        digits(text, 20, 6, time.getNano() / 1_000);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int at, int count, int number) {
        var left = number;
        for (var i = at + count - 1; i >= at; i--) {
            text[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }

    /** As {@link #format}; null for null. */
    public static @Nullable String formatted(@Nullable Instant time) {
        return time == null ? null : format(time);
    }

    private static JsonMapper build() {
        var constraints = StreamReadConstraints.builder()
                // One more level than a body may have: the body is nested in the event.
                .maxNestingDepth(MAX_DEPTH + 4)
                .build();
        var module = new SimpleModule("runledger")
                .addSerializer(Instant.class, new InstantWriter())
                .addDeserializer(Json.class, new JsonReader());
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(constraints).build())
                .addModule(module)
                .changeDefaultPropertyInclusion(inclusion ->
                        inclusion.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

    private static final class InstantWriter extends ValueSerializer<Instant> {
        @Override
        public void serialize(Instant value, JsonGenerator out, SerializationContext context) {
            out.writeString(format(value));
        }
    }

    private static final class JsonReader extends ValueDeserializer<Json> {
        @Override
        public Json deserialize(JsonParser in, DeserializationContext context) {
            var text = new StringWriter();
            try (var out = MAPPER.createGenerator(text)) {
                out.copyCurrentStructureExact(in);
            }
            return Json.of(text.toString());
        }
    }
}
