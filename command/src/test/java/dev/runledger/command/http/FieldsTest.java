package dev.runledger.command.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.runledger.command.http.Fields.Entries;
import dev.runledger.events.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {

    private static final Entries TAGS = new Entries(2, 5, 5, ':');

    private static Fields fields(String body) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        return Fields.of(StrictJson.parse(bytes, 0, bytes.length));
    }

    private static List<FieldError> errors(String body, Consumer<Fields> reading) {
        var fields = fields(body);
        reading.accept(fields);
        fields.end();
        return catchThrowableOfType(BadInput.class, fields::throwIfWrong).errors();
    }

    private static FieldError error(String pointer, String message) {
        return new FieldError(pointer, message);
    }

    @Nested
    class ABody {

        @Test
        void tellsAllThatIsWrongAtOnce() {
            assertThat(errors("{\"a\":1,\"b\":\"x\",\"typo\":1}", fields -> {
                        fields.label("a", 5);
                        fields.whole("b", 1, 5);
                        fields.required("c", fields.label("c", 5), "");
                    }))
                    .containsExactly(
                            error("/a", "must be a string"),
                            error("/b", "must be a whole number"),
                            error("/c", "is required"),
                            error("/typo", "is unknown here"));
        }

        @Test
        void mustBeAnObject() {
            assertThat(errors("[]", fields -> {})).containsExactly(error("", "must be a JSON object"));
        }

        @Test
        void namesTheFirstErrorInItsDetail() {
            var fields = fields("{\"a\":1,\"b\":1}");
            fields.end();
            assertThat(catchThrowableOfType(BadInput.class, fields::throwIfWrong)
                            .getBody()
                            .getDetail())
                    .isEqualTo("/a is unknown here; 1 more in errors.");
        }

        @Test
        void takesAnExplicitNullAsNotGiven() {
            var fields = fields("{\"a\":null}");
            assertThat(fields.label("a", 5)).isNull();
            fields.end();
            assertThatCode(fields::throwIfWrong).doesNotThrowAnyException();
            assertThat(errors("{\"a\":null}", f -> f.required("a", f.payload("a"), Json.of("1"))))
                    .containsExactly(error("/a", "is required"));
        }
    }

    @Nested
    class ALabel {

        @Test
        void countsCharactersNotCodeUnits() {
            assertThat(fields("{\"a\":\"😀😀😀\"}").label("a", 3)).isEqualTo("😀😀😀");
        }

        @ParameterizedTest
        @CsvSource({
            "'', must not be empty",
            "abcd, must have at most 3 characters",
            "'a\\n', must not have control characters"
        })
        void isRefused(String text, String message) {
            assertThat(errors("{\"a\":\"" + text + "\"}", fields -> fields.label("a", 3)))
                    .containsExactly(error("/a", message));
        }
    }

    @Nested
    class ATime {

        @ParameterizedTest
        @CsvSource({
            "2026-01-31T23:59:59Z, 2026-01-31T23:59:59Z",
            "2026-01-31t23:59:59.1234567891234z, 2026-01-31T23:59:59.123456Z",
            "2026-01-31T23:59:59.5+01:30, 2026-01-31T22:29:59.500Z",
            "2026-01-31T23:59:59-23:59, 2026-02-01T23:58:59Z",
            "2024-02-29T00:00:00+00:00, 2024-02-29T00:00:00Z",
            "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z, 9999-12-31T23:59:59.999999Z"
        })
        void isReadToTheMicrosecond(String text, Instant time) {
            assertThat(fields("{\"a\":\"" + text + "\"}").time("a")).isEqualTo(time);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "2026",
                    "2026-01-31",
                    "2026-01-31T23:59:59",
                    "2026-01-31 23:59:59Z",
                    "2026-02-29T00:00:00Z",
                    "2026-01-31T24:00:00Z",
                    "2026-01-31T23:60:00Z",
                    "2026-01-31T23:59:60Z",
                    "2026-01-31T23:59Z",
                    "2026-01-31T23:59:59.Z",
                    "2026-01-31T23:59:59ZZ",
                    "2026-01-31T23:59:59+0100",
                    "2026-01-31T23:59:59+24:00",
                    "0000-12-31T23:59:59Z",
                    "0001-01-01T00:00:00+00:01",
                    "9999-12-31T23:59:59-00:01",
                    "+12026-01-31T23:59:59Z",
                    "２026-01-31T23:59:59Z"
                })
        void isRefusedInOtherForms(String text) {
            assertThat(errors("{\"a\":\"" + text + "\"}", fields -> fields.time("a")))
                    .singleElement()
                    .extracting(FieldError::message)
                    .asString()
                    .startsWith("must be an RFC 3339 time");
        }
    }

    @Nested
    class ANumber {

        @Test
        void isWholeByItsValue() {
            assertThat(fields("{\"a\":3.0}").whole("a", 0, 5)).isEqualTo(3);
            assertThat(fields("{\"a\":-2147483648}").integer("a", Integer.MIN_VALUE, 0))
                    .isEqualTo(Integer.MIN_VALUE);
        }

        @ParameterizedTest
        @CsvSource({
            "3.5, must be a whole number",
            "'\"3\"', must be a whole number",
            "true, must be a whole number",
            "0, must be between 1 and 5",
            "6, must be between 1 and 5",
            "1e300, must be between 1 and 5",
            "99999999999999999999, must be between 1 and 5"
        })
        void isRefused(String number, String message) {
            assertThat(errors("{\"a\":" + number + "}", fields -> fields.whole("a", 1, 5)))
                    .containsExactly(error("/a", message));
        }
    }

    @Nested
    class AUuid {

        @ParameterizedTest
        @ValueSource(
                strings = {"7", "1-1-1-1-1", "0198c0de00007000800000000000abcd", "0198c0de-0000-7000-8000-00000000000g"
                })
        void isRefusedInOtherForms(String text) {
            assertThat(errors("{\"a\":\"" + text + "\"}", fields -> fields.uuid("a")))
                    .containsExactly(error("/a", "must be a UUID"));
        }

        @Test
        void mayHaveCapitals() {
            assertThat(fields("{\"a\":\"0198C0DE-0000-7000-8000-00000000ABCD\"}")
                            .uuid("a"))
                    .hasToString("0198c0de-0000-7000-8000-00000000abcd");
        }
    }

    @Nested
    class Parts {

        @Test
        void haveTheirOwnPointers() {
            assertThat(errors("{\"items\":[{\"a\":1},2,{\"b\":1}],\"part\":{\"x\":true}}", fields -> {
                        var items = Objects.requireNonNull(fields.items("items", 5));
                        assertThat(items).hasSize(3);
                        items.forEach(item -> {
                            item.label("a", 5);
                            item.end();
                        });
                        var part = Objects.requireNonNull(fields.object("part"));
                        part.text("x", 0, 5);
                    }))
                    .containsExactlyInAnyOrder(
                            error("/items/0/a", "must be a string"),
                            error("/items/1", "must be a JSON object"),
                            error("/items/2/b", "is unknown here"),
                            error("/part/x", "must be a string"));
        }

        @Test
        void areBounded() {
            assertThat(errors("{\"items\":[{},{}],\"labels\":[\"a\",\"b\"]}", fields -> {
                        fields.items("items", 1);
                        fields.labels("labels", 1, 5);
                    }))
                    .containsExactly(
                            error("/items", "must have at most 1 items"),
                            error("/labels", "must have at most 1 items"));
        }

        @Test
        void areNamedWhereALabelIsWrong() {
            assertThat(errors("{\"a\":[\"ok\",1,\"\"]}", fields -> fields.labels("a", 5, 5)))
                    .containsExactly(error("/a/1", "must be a string"), error("/a/2", "must not be empty"));
        }
    }

    @Nested
    class TextsByName {

        @Test
        void keepNullsOnlyWhereTheyMeanSomething() {
            var body = "{\"tags\":{\"a\":\"1\",\"b\":null}}";
            assertThat(fields(body).texts("tags", TAGS)).isEqualTo(Map.of("a", "1"));
            assertThat(fields(body).textsOrNulls("tags", TAGS))
                    .containsEntry("a", "1")
                    .containsEntry("b", null);
        }

        @ParameterizedTest
        @CsvSource({
            "a:b, '\"x\"', /tags/a:b, has a name with ':'",
            "abcdef, '\"x\"', /tags/abcdef, has a name that must have at most 5 characters",
            "'', '\"x\"', /tags/, has a name that must not be empty",
            "a, '\"123456\"', /tags/a, must have at most 5 characters",
            "a, 1, /tags/a, must be a string"
        })
        void areRefused(String name, String value, String pointer, String message) {
            assertThat(errors("{\"tags\":{\"" + name + "\":" + value + "}}", fields -> fields.texts("tags", TAGS)))
                    .containsExactly(error(pointer, message));
        }
    }

    @Nested
    class APayload {

        @Test
        void isKeptWithAllItsDigits() {
            assertThat(fields("{\"a\":{\"n\":1.10, \"big\":12345678901234567890}}")
                            .payload("a"))
                    .hasToString("{\"n\":1.10,\"big\":12345678901234567890}");
        }

        @Test
        void mustBeAnObjectWhereThatIsAskedFor() {
            assertThat(errors("{\"a\":[]}", fields -> fields.objectPayload("a")))
                    .containsExactly(error("/a", "must be a JSON object"));
        }
    }
}
