package dev.runledger.command.http;

import dev.runledger.events.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The members of one JSON object, read by name and kind. A reading method answers null where the member is absent,
 * explicitly null, or not what it must be; what is wrong is collected, so that one answer tells all of it. Whoever has
 * read every member calls {@link #end()}, and whoever has read the whole body {@link #throwIfWrong()}.
 */
public final class Fields {

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private final JsonNode object;
    private final String pointer;
    private final List<FieldError> errors;
    /** False where something else stands in the place of an object: then nothing is missing from it. */
    private final boolean isObject;

    private final List<String> asked = new ArrayList<>(16);
    private int found;

    private Fields(JsonNode object, boolean isObject, String pointer, List<FieldError> errors) {
        this.object = object;
        this.isObject = isObject;
        this.pointer = pointer;
        this.errors = errors;
    }

    /** The members of a whole body. */
    public static Fields of(JsonNode body) {
        return of(body, "", new ArrayList<>());
    }

    private static Fields of(JsonNode node, String pointer, List<FieldError> errors) {
        if (!node.isObject()) {
            errors.add(new FieldError(pointer, "must be a JSON object"));
            return new Fields(JsonNodeFactory.instance.objectNode(), false, pointer, errors);
        }
        return new Fields(node, true, pointer, errors);
    }

    /**
     * The items of a body that is an array. Any of them may {@link #throwIfWrong()} for all.
     *
     * @return not empty
     * @throws BadInput when there are none or more than {@code atMost}
     */
    public static List<Fields> ofItems(JsonNode body, int atMost) {
        if (body.isEmpty()) {
            throw new BadInput("", "must have at least one item");
        }
        var errors = new ArrayList<FieldError>();
        var items = items(body, "", atMost, errors);
        if (items.isEmpty()) {
            throw new BadInput(errors);
        }
        return items;
    }

    private static List<Fields> items(JsonNode array, String pointer, int atMost, List<FieldError> errors) {
        if (array.size() > atMost) {
            errors.add(new FieldError(pointer, "must have at most " + atMost + " items"));
            return List.of();
        }
        var items = new ArrayList<Fields>(array.size());
        for (var i = 0; i < array.size(); i++) {
            items.add(of(array.get(i), pointer + "/" + i, errors));
        }
        return items;
    }

    /** Says that {@code name} is wrong. */
    public void wrong(String name, String message) {
        errors.add(new FieldError(FieldError.child(pointer, name), message));
    }

    /** Says that every member that was never asked for is unknown. */
    public void end() {
        if (found == object.size()) {
            return;
        }
        for (var name : object.propertyNames()) {
            if (!asked.contains(name)) {
                wrong(name, "is unknown here");
            }
        }
    }

    /** @throws BadInput when anything was wrong, here or in a part of the same body */
    public void throwIfWrong() {
        if (!errors.isEmpty()) {
            throw new BadInput(errors);
        }
    }

    /** {@code value}; where {@code name} was not given, that is wrong and {@code standIn} keeps the place. */
    public <T> T required(String name, @Nullable T value, T standIn) {
        if (value != null) {
            return value;
        }
        var member = object.get(name);
        if (isObject && (member == null || member.isNull())) {
            wrong(name, "is required");
        }
        return standIn;
    }

    /** Whether {@code name} is there and not null. */
    public boolean has(String name) {
        var member = object.get(name);
        return member != null && !member.isNull();
    }

    private @Nullable JsonNode member(String name) {
        asked.add(name);
        var member = object.get(name);
        if (member == null) {
            return null;
        }
        found++;
        return member.isNull() ? null : member;
    }

    private @Nullable String string(String name) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        if (!member.isString()) {
            wrong(name, "must be a string");
            return null;
        }
        return member.stringValue();
    }

    /** A text of {@code least} to {@code most} characters. */
    public @Nullable String text(String name, int least, int most) {
        var text = string(name);
        var trouble = text == null ? null : length(text, least, most);
        if (trouble != null) {
            wrong(name, trouble);
            return null;
        }
        return text;
    }

    /** A text of 1 to {@code most} characters, none of them a control character. */
    public @Nullable String label(String name, int most) {
        var text = string(name);
        var trouble = text == null ? null : labelTrouble(text, most);
        if (trouble != null) {
            wrong(name, trouble);
            return null;
        }
        return text;
    }

    /** What keeps {@code text} from being a label of 1 to {@code most} characters; null when nothing does. */
    public static @Nullable String labelTrouble(String text, int most) {
        var trouble = length(text, 1, most);
        return trouble == null && text.chars().anyMatch(Character::isISOControl)
                ? "must not have control characters"
                : trouble;
    }

    private static @Nullable String length(String text, int least, int most) {
        if (text.length() < least) {
            return "must not be empty";
        }
        return text.length() > most && text.codePointCount(0, text.length()) > most
                ? "must have at most " + most + " characters"
                : null;
    }

    /** A UUID in its usual form of 36 characters. */
    public @Nullable UUID uuid(String name) {
        var text = string(name);
        if (text == null) {
            return null;
        }
        var id = uuidOf(text);
        if (id == null) {
            wrong(name, "must be a UUID");
        }
        return id;
    }

    /** The UUID written as {@code text}; null when it is none, also in the abbreviated forms that Java knows. */
    public static @Nullable UUID uuidOf(String text) {
        if (text.length() != 36) {
            return null;
        }
        for (var i = 0; i < 36; i++) {
            var dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? text.charAt(i) != '-' : !isHex(text.charAt(i))) {
                return null;
            }
        }
        return UUID.fromString(text);
    }

    static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    /** An RFC 3339 time, to the microsecond. */
    public @Nullable Instant time(String name) {
        var text = string(name);
        if (text == null) {
            return null;
        }
        var time = Rfc3339.parse(text);
        if (time == null) {
            wrong(name, "must be an RFC 3339 time of the years 0001 to 9999, such as 2026-01-31T23:59:59.123456Z");
        }
        return time;
    }

    public @Nullable Integer integer(String name, int least, int most) {
        var number = whole(name, least, most);
        return number == null ? null : Math.toIntExact(number);
    }

    /** A whole number, also when it is written as {@code 3.0}. */
    public @Nullable Long whole(String name, long least, long most) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        var number = member.isNumber() ? exactly(member) : null;
        if (number == null) {
            wrong(name, "must be a whole number");
            return null;
        }
        if (number.compareTo(MIN_LONG) < 0
                || number.compareTo(MAX_LONG) > 0
                || number.longValue() < least
                || number.longValue() > most) {
            wrong(name, "must be between " + least + " and " + most);
            return null;
        }
        return number.longValue();
    }

    private static @Nullable BigInteger exactly(JsonNode number) {
        if (number.isIntegralNumber()) {
            return number.bigIntegerValue();
        }
        try {
            BigDecimal value = number.decimalValue();
            return value.toBigIntegerExact();
        } catch (ArithmeticException e) {
            return null;
        }
    }

    public @Nullable Boolean flag(String name) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        if (!member.isBoolean()) {
            wrong(name, "must be true or false");
            return null;
        }
        return member.booleanValue();
    }

    /** One of the keys of {@code choices}. */
    public <T> @Nullable T choice(String name, Map<String, T> choices) {
        var text = string(name);
        if (text == null) {
            return null;
        }
        var choice = choices.get(text);
        if (choice == null) {
            wrong(name, "must be one of " + String.join(", ", choices.keySet()));
        }
        return choice;
    }

    /** Any JSON value, as its text with every digit. */
    public @Nullable Json payload(String name) {
        var member = member(name);
        return member == null ? null : Json.of(StrictJson.text(member));
    }

    /** A JSON object, as its text with every digit. */
    public @Nullable Json objectPayload(String name) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        if (!member.isObject()) {
            wrong(name, "must be a JSON object");
            return null;
        }
        return Json.of(StrictJson.text(member));
    }

    /** The members of an object within this one. */
    public @Nullable Fields object(String name) {
        var member = member(name);
        return member == null ? null : of(member, FieldError.child(pointer, name), errors);
    }

    /** The items of an array of objects; null when it was not given. */
    public @Nullable List<Fields> items(String name, int atMost) {
        var array = array(name);
        return array == null ? null : items(array, FieldError.child(pointer, name), atMost, errors);
    }

    /** An array of at most {@code atMost} labels. */
    public @Nullable List<String> labels(String name, int atMost, int mostCharacters) {
        var array = array(name);
        if (array == null) {
            return null;
        }
        if (array.size() > atMost) {
            wrong(name, "must have at most " + atMost + " items");
            return null;
        }
        var labels = new ArrayList<String>(array.size());
        for (var i = 0; i < array.size(); i++) {
            var item = array.get(i);
            var trouble = item.isString() ? labelTrouble(item.stringValue(), mostCharacters) : "must be a string";
            if (trouble == null) {
                labels.add(item.stringValue());
            } else {
                errors.add(new FieldError(FieldError.child(pointer, name) + "/" + i, trouble));
            }
        }
        return labels;
    }

    private @Nullable JsonNode array(String name) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        if (!member.isArray()) {
            wrong(name, "must be a JSON array");
            return null;
        }
        return member;
    }

    /** Texts by name, in the order given; a member that is null was not given. */
    public @Nullable Map<String, String> texts(String name, Entries limits) {
        var all = textsOrNulls(name, limits);
        if (all == null) {
            return null;
        }
        var given = new LinkedHashMap<String, String>();
        all.forEach((key, value) -> {
            if (value != null) {
                given.put(key, value);
            }
        });
        return given;
    }

    /** Texts by name, in the order given; null where the member is null. */
    public @Nullable Map<String, @Nullable String> textsOrNulls(String name, Entries limits) {
        var member = member(name);
        if (member == null) {
            return null;
        }
        if (!member.isObject()) {
            wrong(name, "must be a JSON object");
            return null;
        }
        if (member.size() > limits.most()) {
            wrong(name, "must have at most " + limits.most() + " members");
            return null;
        }
        var texts = new LinkedHashMap<String, @Nullable String>();
        for (var entry : member.properties()) {
            var value = entry.getValue();
            var trouble = limits.trouble(entry.getKey(), value);
            if (trouble != null) {
                errors.add(new FieldError(FieldError.child(FieldError.child(pointer, name), entry.getKey()), trouble));
            } else {
                texts.put(entry.getKey(), value.isNull() ? null : value.stringValue());
            }
        }
        return texts;
    }

    /**
     * How many texts by name there may be, and how long.
     *
     * @param forbidden a character that no name may have
     */
    public record Entries(int most, int longestName, int longestText, char forbidden) {

        private @Nullable String trouble(String name, JsonNode value) {
            var trouble = labelTrouble(name, longestName);
            if (trouble != null) {
                return "has a name that " + trouble;
            }
            if (name.indexOf(forbidden) >= 0) {
                return "has a name with '" + forbidden + "'";
            }
            if (value.isNull()) {
                return null;
            }
            return value.isString() ? length(value.stringValue(), 0, longestText) : "must be a string";
        }
    }
}
