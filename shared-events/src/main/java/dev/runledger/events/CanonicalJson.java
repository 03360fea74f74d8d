package dev.runledger.events;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;

/**
 * The canonical form of a JSON value: RFC 8785 (members sorted by UTF-16 code units, no white space, shortest
 * escapes), except that a number is written by its exact decimal value as {@code <digits>E<exponent>} instead of
 * being rounded to a double.
 */
final class CanonicalJson {

    private CanonicalJson() {}

    static String of(String text) {
        var out = new StringBuilder(text.length());
        write(EventJson.mapper().readTree(text), out);
        return out.toString();
    }

    private static void write(JsonNode node, StringBuilder out) {
        switch (node.getNodeType()) {
            case OBJECT -> writeObject(node, out);
            case ARRAY -> {
                out.append('[');
                var separator = "";
                for (var item : node) {
                    out.append(separator);
                    write(item, out);
                    separator = ",";
                }
                out.append(']');
            }
            case STRING -> writeString(node.stringValue(), out);
            case NUMBER -> writeNumber(node.decimalValue(), out);
            case BOOLEAN -> out.append(node.booleanValue());
            case NULL -> out.append("null");
            case BINARY, MISSING, POJO -> throw new IllegalArgumentException("not a JSON value: " + node.getNodeType());
        }
    }

    private static void writeObject(JsonNode node, StringBuilder out) {
        var names = new ArrayList<>(node.propertyNames());
        Collections.sort(names);
        out.append('{');
        var separator = "";
        for (var name : names) {
            out.append(separator);
            writeString(name, out);
            out.append(':');
            write(node.get(name), out);
            separator = ",";
        }
        out.append('}');
    }

    private static void writeString(String value, StringBuilder out) {
        out.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, out);
        out.append('"');
    }

    private static void writeNumber(BigDecimal value, StringBuilder out) {
        var shortest = value.stripTrailingZeros();
        out.append(shortest.unscaledValue()).append('E').append(-shortest.scale());
    }
}
