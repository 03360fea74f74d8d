package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class TextTest {

    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "\"\\\\u0000\"", "\"\\\\\\\\u0000\"", "\"\\ud834\\udd1e\"", "\"\\u00e4\\n\"", "\"𝄞\""})
    void keepsWhatADatabaseCanUnescape(String json) {
        assertThat(Text.isStorableJson(json)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\u0000\"", "\"\\\\\\u0000\"", "\"\\ud834\"", "\"\\ud834x\"", "\"\\udd1e\\ud834\""})
    void refusesAnEscapedNulOrLoneSurrogate(String json) {
        assertThat(Text.isStorableJson(json)).isFalse();
    }

    @Test
    void refusesARawNulOrLoneSurrogate() {
        assertThat(Text.isStorable("a\0")).isFalse();
        assertThat(Text.isStorable("a\uDD1E\uD834")).isFalse();
    }

    @Property
    void agreesWithUtf8(@ForAll String text) {
        boolean survives = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(text)
                && text.indexOf('\0') < 0;

        assertThat(Text.isStorable(text)).isEqualTo(survives);
        assertThat(Text.isStorableJson(JSON.writeValueAsString(text))).isEqualTo(survives);
    }
}
