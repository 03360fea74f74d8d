package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.query.QueryProblem;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The body of a request to the projection: one JSON object, or nothing where nothing is required. */
final class ProjectionBody {

    private static final int MOST_CHARACTERS = 1_000;

    private final JsonNode fields;

    private ProjectionBody(JsonNode fields) {
        this.fields = fields;
    }

    /**
     * The body {@code bytes}, null when there was none.
     *
     * @throws QueryProblem when it is no JSON object or has a field that is not in {@code known}
     */
    static ProjectionBody of(byte @Nullable [] bytes, String... known) {
        if (bytes == null || bytes.length == 0) {
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
