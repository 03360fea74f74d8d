package dev.runledger.command.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class StrictJsonTest {

    private static JsonNode parse(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return StrictJson.parse(bytes, 0, bytes.length);
    }

    private static FieldError errorOf(String text) {
        return catchThrowableOfType(BadInput.class, () -> parse(text)).errors().getFirst();
    }

    @Nested
    class AValue {

        @Test
        void isReadFromItsPlaceInABuffer() {
            var bytes = "xx{\"a\":\"ü😀\"}xx".getBytes(StandardCharsets.UTF_8);
            assertThat(StrictJson.parse(bytes, 2, bytes.length - 4).get("a").stringValue())
                    .isEqualTo("ü😀");
        }

        @Test
        void mayComeAfterAByteOrderMark() {
            assertThat(parse("\uFEFF{}").isObject()).isTrue();
        }

        @Test
        void keepsEveryDigit() {
            var numbers = "[0.10000000000000000000000000000000000001,1.50,123456789012345678901234567890,1E+400]";
            assertThat(StrictJson.text(parse(numbers))).isEqualTo(numbers);
        }

        @Test
        void mayNestAHundredLevels() {
            assertThat(parse("[".repeat(100) + "]".repeat(100)).isArray()).isTrue();
        }

        @Test
        void mayHaveEscapedSurrogatePairs() {
            assertThat(parse("[\"\\ud83d\\ude00\"]").get(0).stringValue()).isEqualTo("😀");
        }
    }

    @Nested
    class NoJson {

        @ParameterizedTest
        @ValueSource(
                strings = {"{", "", " ", "not json", "{} {}", "[1,]", "{\"a\":}", "'a'", "NaN", "[01]", "// c\n1", "\"a"
                })
        void isRefusedAsSuch(String text) {
            assertThat(catchThrowableOfType(NotJson.class, () -> parse(text))).isNotNull();
        }

        @Test
        void isWhatIsNotUtf8() {
            var overlong = new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'};
            assertThat(catchThrowableOfType(NotJson.class, () -> StrictJson.parse(overlong, 0, 4))
                            .errors())
                    .containsExactly(new FieldError("", "is not valid UTF-8"));
        }

        @Test
        void isAnswered400WithTheTypeOfBadRequests() {
            var problem = catchThrowableOfType(NotJson.class, () -> parse("{")).getBody();
            assertThat(problem.getStatus()).isEqualTo(400);
            assertThat(problem.getType()).hasToString("urn:runledger:problem:bad-request");
            assertThat(problem.getDetail()).startsWith("The body is not JSON");
        }
    }

    @Nested
    class JsonThatIsNotTaken {

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '`',
                value = {
                    "`{\"a\":{\"b\":[1,\"\\u0000\"]}}`, /a/b/1, has a NUL character",
                    "`{\"a\":\"\\ud800\"}`, /a, has a lone surrogate",
                    "`{\"a\":\"\\udc00\\ud800\"}`, /a, has a lone surrogate",
                    "`{\"x/y~\":{\"\\u0000\":1}}`, /x~1y~0/\uFFFD, has a name with a NUL character",
                    "`{\"\\ud800\":1}`, /\uFFFD, has a name with a lone surrogate",
                    "`{\"a\":1,\"a\":2}`, /a, is given twice",
                    "`{\"o\":{\"a\":1,\"a\":2}}`, /o/a, is given twice",
                    "`{\"n\":1e401}`, /n, has an exponent beyond ±400",
                    "`{\"n\":[1E-401]}`, /n/0, has an exponent beyond ±400",
                    "`{\"n\":0e999999999}`, /n, has an exponent beyond ±400"
                })
        void isRefusedWithItsPlace(String text, String pointer, String message) {
            assertThat(errorOf(text)).isEqualTo(new FieldError(pointer, message));
        }

        @Test
        void isWhatNestsDeeperThanAHundredLevels() {
            assertThat(errorOf("{\"a\":".repeat(200) + "1" + "}".repeat(200)).message())
                    .isEqualTo("nests deeper than 100 levels");
            assertThat(errorOf("[".repeat(101) + "]".repeat(101)).message()).isEqualTo("nests deeper than 100 levels");
        }

        @Test
        void isANumberWithoutEnd() {
            assertThat(errorOf("[" + "1".repeat(1_001) + "]").message()).contains("number of more than 1000 digits");
            assertThat(errorOf("{\"a\":[1e99999999999]}"))
                    .isEqualTo(new FieldError("/a/0", "has an exponent beyond ±400"));
        }
    }
}
