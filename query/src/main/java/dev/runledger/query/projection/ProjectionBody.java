package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.query.QueryProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The body of a request to the projection: one JSON object, or nothing where nothing is required. */
final class ProjectionBody {

    private static final int MOST_CHARACTERS = 1_000;
    private static final int MOST_BYTES = 1 << 20;

    /** How much of a body that is refused is still read, so that the client gets to see the answer. */
    private static final int DRAINED_BYTES = 16 << 20;

    private final JsonNode fields;

    private ProjectionBody(JsonNode fields) {
        this.fields = fields;
    }

    /**
     * The {@code body}, null when there was none.
     *
     * @throws QueryProblem when it is no JSON object, has a field that is not in {@code known}, or more than 1 MiB
     */
    static ProjectionBody of(@Nullable InputStreamResource body, String... known) {
        var bytes = body == null ? new byte[0] : bytes(body);
        if (bytes.length == 0) {
            return new ProjectionBody(EventJson.mapper().createObjectNode());
        }
        JsonNode fields;
        try {
            fields = EventJson.mapper().readTree(bytes);
        } catch (JacksonException e) {
            throw QueryProblem.badBody("", "is no JSON");
        }
        if (!fields.isObject()) {
            throw QueryProblem.badBody("", "is no JSON object");
        }
        var allowed = Set.of(known);
        fields.propertyNames().forEach(name -> {
            if (!allowed.contains(name)) {
                throw QueryProblem.badBody("/" + name.replace('\0', '\uFFFD'), "is unknown here");
            }
        });
        return new ProjectionBody(fields);
    }

    private static byte[] bytes(InputStreamResource body) {
        try {
            var in = body.getInputStream();
            var bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                var unused = in.skip(DRAINED_BYTES);
                throw QueryProblem.bodyTooLarge(MOST_BYTES);
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A text of 1 to 1,000 characters; {@code otherwise} when it is not given, where that is not null. */
    String text(String name, @Nullable String otherwise) {
        var value = fields.path(name);
        if (value.isMissingNode() || value.isNull()) {
            if (otherwise == null) {
                throw QueryProblem.badBody("/" + name, "is required");
            }
            return otherwise;
        }
        if (!value.isString()) {
            throw QueryProblem.badBody("/" + name, "is no text");
        }
        var text = value.asString();
        if (text.isBlank() || text.length() > MOST_CHARACTERS || text.indexOf('\0') >= 0 || hasLoneSurrogate(text)) {
            throw QueryProblem.badBody(
                    "/" + name, "is empty, longer than 1000 characters, or holds a NUL character or a lone surrogate");
        }
        return text;
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints()
                .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }

    /** A whole number from 1 to {@code most}; null when it is not given. */
    @Nullable
    Long number(String name, long most) {
        var value = fields.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 1 || value.asLong() > most) {
            throw QueryProblem.badBody("/" + name, "is no whole number from 1 to " + most);
        }
        return value.asLong();
    }
}
