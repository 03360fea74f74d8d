package dev.runledger.command.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineSourceTest {

    private static final int LIMIT = 20;

    private static List<String> all(LineSource lines) throws IOException {
        var all = new ArrayList<String>();
        for (var line = lines.next(); line != null; line = lines.next()) {
            all.add(
                    switch (line) {
                        case RawLine.Text text ->
                            text.number() + ":"
                                    + new String(text.bytes(), text.offset(), text.length(), StandardCharsets.UTF_8);
                        case RawLine.TooLarge large -> large.number() + " too large";
                        case RawLine.Broken broken -> broken.number() + " " + broken.why();
                    });
        }
        return all;
    }

    private static List<String> lines(String body, Integer... pieces) {
        try {
            return all(new NdjsonLines(input(body, pieces), LIMIT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> items(String body, Integer... pieces) {
        try {
            var array = new ArrayLines(input(body, pieces), LIMIT);
            return array.begin() ? all(array) : List.of("no array");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PausingInput input(String body, Integer... pieces) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        return new PausingInput(
                pieces.length == 0 ? new ByteArrayInputStream(bytes) : new Chunks(bytes, List.of(pieces)), () -> {});
    }

    @Nested
    class NewlineDelimitedJson {

        @Test
        void isCutAtItsNewlines() {
            assertThat(lines("{}\n[1]\r\nx")).containsExactly("1:{}", "2:[1]\r", "3:x");
        }

        @Test
        void countsBlankLinesButSkipsThem() {
            assertThat(lines("\n1\n \t\r\n\n2\n\n")).containsExactly("2:1", "5:2");
        }

        @Test
        void mayBeEmpty() {
            assertThat(lines("")).isEmpty();
            assertThat(lines("\n \n")).isEmpty();
        }

        @Test
        void skipsWhatIsTooLong() {
            var line = "x".repeat(LIMIT);
            assertThat(lines(line + "\n" + line + "y\n1\n" + line + "zz"))
                    .containsExactly("1:" + line, "2 too large", "3:1", "4 too large");
        }

        @Test
        void skipsALineOfManyBuffers() {
            assertThat(lines("x".repeat(1_000_000) + "\n1\n")).containsExactly("1 too large", "2:1");
        }
    }

    @Nested
    class AnArray {

        @Test
        void isCutAtItsCommas() {
            assertThat(items(" [ {\"a\":[1,2]} , \"x,]\\\"[\",3 ]\n"))
                    .containsExactly("1:{\"a\":[1,2]} ", "2:\"x,]\\\"[\"", "3:3 ");
        }

        @Test
        void mayBeEmpty() {
            assertThat(items("[]")).isEmpty();
            assertThat(items(" [ ] ")).isEmpty();
        }

        @Test
        void mustBeOne() {
            assertThat(items("{\"a\":1}")).containsExactly("no array");
            assertThat(items("")).containsExactly("no array");
        }

        @Test
        void skipsWhatIsTooLarge() {
            assertThat(items("[1,[\"" + "x".repeat(100_000) + "\"],2]")).containsExactly("1:1", "2 too large", "3:2");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "[1,{        | 2 ends within the array",
                    "[1          | 1 ends within the array",
                    "[1,         | 2 ends within the array",
                    "[           | 1 ends within the array",
                    "[1,\"]      | 2 ends within the array",
                    "[1,]        | 2 has no value where the array needs one",
                    "[1,,2]      | 2 has no value where the array needs one",
                    "[,]         | 1 has no value where the array needs one",
                    "[1}]        | 1 closes an object that was never opened",
                    "[1]2        | 2 goes on after the array"
                })
        void saysOnceWhereItIsBroken(String body, String last) {
            assertThat(items(body)).endsWith(last);
        }
    }

    @Property
    void anyChunkingOfTheBytesGivesTheSameLines(@ForAll("bodies") String body, @ForAll("pieces") List<Integer> pieces) {
        assertThat(lines(body, pieces.toArray(Integer[]::new))).isEqualTo(lines(body));
    }

    @Property
    void anyChunkingOfTheBytesGivesTheSameItems(@ForAll("bodies") String body, @ForAll("pieces") List<Integer> pieces) {
        assertThat(items("[" + body, pieces.toArray(Integer[]::new))).isEqualTo(items("[" + body));
    }

    @Property
    void whatIsJoinedComesApartAgain(@ForAll("values") List<String> values, @ForAll("pieces") List<Integer> pieces) {
        var expected = IntStream.range(0, values.size())
                .mapToObj(i -> i + 1 + ":" + values.get(i))
                .toList();
        var sizes = pieces.toArray(Integer[]::new);
        assertThat(lines(String.join("\n", values), sizes)).isEqualTo(expected);
        assertThat(items("[" + String.join(",", values) + "]", sizes)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<String> bodies() {
        return Arbitraries.strings().withChars("{}[]\",\\\n\r 1ü").ofMaxLength(80);
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Arbitraries.integers().between(1, 9).list().ofMinSize(1).ofMaxSize(6);
    }

    @Provide
    Arbitrary<List<String>> values() {
        return Arbitraries.of("1", "{}", "[]", "\"a,b\"", "{\"a\":[1,{}]}", "\"\\\"]\"", "\"ü}\"", "null")
                .list()
                .ofMaxSize(20);
    }
}
