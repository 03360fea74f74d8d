package dev.runledger.command.http;

import dev.runledger.events.EventJson;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as it comes in: valid UTF-8, one value, no member twice, at most {@value EventJson#MAX_DEPTH} levels deep, no
 * NUL and no lone surrogate (also escaped, also in names), numbers with all digits and an exponent within
 * ±{@value #MAX_EXPONENT}.
 */
public final class StrictJson {

    /** The largest power of ten, either way, of a number in scientific notation. */
    static final int MAX_EXPONENT = 400;

    private static final String EXPONENT_TROUBLE = "an exponent beyond ±" + MAX_EXPONENT;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(EventJson.MAX_DEPTH)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private StrictJson() {}

    /**
     * The one value written in {@code length} bytes from {@code offset}.
     *
     * @throws NotJson when that is not one JSON value
     * @throws BadInput when it is one that is not taken
     */
    public static JsonNode parse(byte[] bytes, int offset, int length) {
        var text = decode(bytes, offset, length);
        try (var parser = MAPPER.createParser(text.array(), text.arrayOffset() + text.position(), text.remaining())) {
            var value = value(parser);
            check(value, "");
            return value;
        }
    }

    /** {@code value} as JSON text. */
    static String text(JsonNode value) {
        return MAPPER.writeValueAsString(value);
    }

    private static CharBuffer decode(byte[] bytes, int offset, int length) {
        var skip = startsWithByteOrderMark(bytes, offset, length) ? 3 : 0;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset + skip, length - skip));
        } catch (CharacterCodingException e) {
            throw new NotJson("", "is not valid UTF-8");
        }
    }

    private static boolean startsWithByteOrderMark(byte[] bytes, int offset, int length) {
        return length >= 3
                && bytes[offset] == (byte) 0xEF
                && bytes[offset + 1] == (byte) 0xBB
                && bytes[offset + 2] == (byte) 0xBF;
    }

    private static JsonNode value(JsonParser parser) {
        try {
            if (parser.nextToken() == null) {
                throw new NotJson("", "is empty where JSON is expected");
            }
            JsonNode value = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw new NotJson("", "goes on after the end of its JSON value");
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new BadInput(pointer(parser), tooMuch(e));
        } catch (NumberFormatException e) {
            // An exponent of more digits than the parser counts with.
            throw new BadInput(pointer(parser), "has " + EXPONENT_TROUBLE);
        } catch (JacksonException e) {
            var message = String.valueOf(e.getOriginalMessage());
            if (message.startsWith("Duplicate")) {
                throw new BadInput(pointer(parser), "is given twice");
            }
            throw new NotJson(pointer(parser), "is not JSON" + place(e));
        }
    }

    private static String tooMuch(StreamConstraintsException e) {
        var message = String.valueOf(e.getOriginalMessage());
        if (message.startsWith("Document nesting depth")) {
            return "nests deeper than " + EventJson.MAX_DEPTH + " levels";
        }
        return message.startsWith("Name length")
                ? "has a name of more than " + StreamReadConstraints.DEFAULT_MAX_NAME_LEN + " characters"
                : "has a number of more than " + StreamReadConstraints.DEFAULT_MAX_NUM_LEN + " digits";
    }

    private static String place(JacksonException e) {
        var location = e.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static String pointer(JsonParser parser) {
        return parser.streamReadContext().pathAsPointer().toString();
    }

    private static void check(JsonNode node, String pointer) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                for (var member : node.properties()) {
                    var name = member.getKey();
                    var trouble = trouble(name);
                    if (trouble != null) {
                        throw new BadInput(FieldError.child(pointer, name), "has a name with " + trouble);
                    }
                    checkMember(member.getValue(), pointer, name);
                }
            }
            case ARRAY -> {
                for (var i = 0; i < node.size(); i++) {
                    checkItem(node.get(i), pointer, i);
                }
            }
            case STRING, NUMBER -> checkScalar(node, pointer, null);
            case BOOLEAN, NULL, BINARY, MISSING, POJO -> {}
        }
    }

    /** Builds the pointer only where something is below or wrong. */
    private static void checkMember(JsonNode value, String pointer, String name) {
        if (value.isContainer()) {
            if (!value.isEmpty()) {
                check(value, FieldError.child(pointer, name));
            }
        } else {
            checkScalar(value, pointer, name);
        }
    }

    private static void checkItem(JsonNode value, String pointer, int index) {
        if (value.isContainer()) {
            if (!value.isEmpty()) {
                check(value, pointer + "/" + index);
            }
        } else if (scalarTrouble(value) != null) {
            checkScalar(value, pointer, Integer.toString(index));
        }
    }

    private static void checkScalar(JsonNode value, String pointer, @Nullable String name) {
        var trouble = scalarTrouble(value);
        if (trouble != null) {
            throw new BadInput(name == null ? pointer : FieldError.child(pointer, name), "has " + trouble);
        }
    }

    private static @Nullable String scalarTrouble(JsonNode value) {
        if (value.isString()) {
            return trouble(value.stringValue());
        }
        return value.isNumber() && !value.isIntegralNumber() && outOfRange(value.decimalValue())
                ? EXPONENT_TROUBLE
                : null;
    }

    private static boolean outOfRange(BigDecimal number) {
        return Math.abs((long) number.precision() - number.scale() - 1) > MAX_EXPONENT;
    }

    private static @Nullable String trouble(String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == 0) {
                return "a NUL character";
            }
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    return "a lone surrogate";
                }
            }
        }
        return null;
    }
}
