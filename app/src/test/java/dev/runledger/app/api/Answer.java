package dev.runledger.app.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** What the server said to one request. */
public record Answer(int status, HttpHeaders headers, String text) {

    /** Keeps every digit of every number. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    public static JsonNode parse(String text) {
        return JSON.readTree(text);
    }

    /** The body, which is one JSON value. */
    public JsonNode json() {
        return parse(text);
    }

    /** The member of the body at {@code path}, whose names are divided by dots; missing where there is none. */
    public JsonNode at(String path) {
        JsonNode node = json();
        for (String name : path.split("\\.")) {
            node = name.matches("\\d+") ? node.path(Integer.parseInt(name)) : node.path(name);
        }
        return node;
    }

    /** The text of the member at {@code path}, which is there. */
    public String text(String path) {
        return present(path).asString();
    }

    /** The number at {@code path}, which is there. */
    public long number(String path) {
        return present(path).asLong();
    }

    private JsonNode present(String path) {
        JsonNode found = at(path);
        assertThat(found.isMissingNode()).as("%s is missing in %s", path, text).isFalse();
        return found;
    }

    /** A command's id of the execution. */
    public String id() {
        return text("executionId");
    }

    public long version() {
        return number("version");
    }

    public long position() {
        return number("position");
    }

    public String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /** The values of an NDJSON answer. */
    public List<JsonNode> lines() {
        return text.lines().map(Answer::parse).toList();
    }

    /** The items of a list. */
    public List<JsonNode> items() {
        is(200);
        return at("items").valueStream().toList();
    }

    /** The texts of the member {@code name} of the items of a list. */
    public List<String> each(String name) {
        return items().stream().map(item -> item.path(name).asString()).toList();
    }

    /** This answer, whose status is {@code expected}. */
    public Answer is(int expected) {
        assertThat(status).as(text).isEqualTo(expected);
        return this;
    }

    /** This answer, which says whether anything was appended. */
    public Answer changed(boolean expected) {
        assertThat(status).as(text).isBetween(200, 201);
        assertThat(at("unchanged").booleanValue()).as("unchanged of " + text).isEqualTo(!expected);
        return this;
    }

    /** This answer, which is a problem with every member that problems have. */
    public Answer isProblem(int expected, String slug) {
        is(expected);
        assertThat(header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(text("type")).isEqualTo("urn:runledger:problem:" + slug);
        assertThat(number("status")).isEqualTo(expected);
        for (String member : List.of("title", "detail", "instance", "requestId")) {
            assertThat(text(member)).as(member + " of " + text).isNotBlank();
        }
        assertThat(header("X-Request-Id")).isEqualTo(text("requestId"));
        assertThat(text).doesNotContainIgnoringCase("exception", "\tat ", "select ", "insert into", "org.postgresql");
        if (expected == 503) {
            assertThat(header("Retry-After")).matches("[1-9]\\d*");
        }
        return this;
    }

    /** This answer, which names the places {@code pointers} of the request as wrong, and no other. */
    public Answer pointsAt(String... pointers) {
        assertThat(at("errors").valueStream().map(error -> error.path("pointer").asString()))
                .as(text)
                .containsExactlyInAnyOrder(pointers);
        assertThat(at("errors").valueStream().map(error -> error.path("message").asString()))
                .allSatisfy(message -> assertThat(message).isNotBlank());
        return this;
    }

    /** The names of the members of {@code object}. */
    public static Collection<String> names(JsonNode object) {
        return new ArrayList<>(object.propertyNames());
    }
}
