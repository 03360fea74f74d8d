package dev.runledger.query.diff;

import dev.runledger.events.EventJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;
import tools.jackson.databind.util.RawValue;

/**
 * A JSON Patch (RFC 6902) that turns one document into another, of {@code add}, {@code remove} and {@code replace}.
 *
 * <p>The items of some lists have an identity: such an item is changed where it stands, however many came before it or
 * went. Those of other lists are known by their place.
 *
 * <p>A value that is written as a text of JSON is read only where its text is not that of its counterpart.
 */
final class JsonPatch {

    private final ArrayNode operations = EventJson.mapper().createArrayNode();

    /** What tells the items of a list apart, by the list's path. */
    private final Map<String, Function<JsonNode, Object>> identities;

    private final Function<String, JsonNode> reader;

    private JsonPatch(Map<String, Function<JsonNode, Object>> identities, Function<String, JsonNode> reader) {
        this.identities = identities;
        this.reader = reader;
    }

    /**
     * @param identities what tells the items of a list apart, by the list's path; one item of a kind in each list
     * @param reader reads a text of JSON
     */
    static ArrayNode between(
            JsonNode from,
            JsonNode to,
            Map<String, Function<JsonNode, Object>> identities,
            Function<String, JsonNode> reader) {
        var patch = new JsonPatch(identities, reader);
        patch.compare("", from, to);
        return patch.operations;
    }

    private void compare(String path, JsonNode from, JsonNode to) {
        if (from instanceof POJONode || to instanceof POJONode) {
            if (!from.equals(to)) {
                compare(path, read(from), read(to));
            }
        } else if (from instanceof ObjectNode one && to instanceof ObjectNode other) {
            compareMembers(path, one, other);
        } else if (from instanceof ArrayNode one && to instanceof ArrayNode other) {
            var identity = identities.get(path);
            if (identity == null) {
                comparePlaces(path, one, other);
            } else {
                compareItems(path, one, other, identity);
            }
        } else if (!from.equals(to)) {
            operation("replace", path).set("value", to);
        }
    }

    private JsonNode read(JsonNode node) {
        return node instanceof POJONode pojo && pojo.getPojo() instanceof RawValue raw
                ? reader.apply(String.valueOf(raw.rawValue()))
                : node;
    }

    private void compareMembers(String path, ObjectNode from, ObjectNode to) {
        for (var name : from.propertyNames()) {
            if (!to.has(name)) {
                operation("remove", path + "/" + escaped(name));
            }
        }
        for (var member : to.properties()) {
            var itsPath = path + "/" + escaped(member.getKey());
            var before = from.get(member.getKey());
            if (before == null) {
                operation("add", itsPath).set("value", member.getValue());
            } else {
                compare(itsPath, before, member.getValue());
            }
        }
    }

    private void comparePlaces(String path, ArrayNode from, ArrayNode to) {
        for (var i = from.size() - 1; i >= to.size(); i--) {
            operation("remove", path + "/" + i);
        }
        for (var i = 0; i < to.size(); i++) {
            if (i < from.size()) {
                compare(path + "/" + i, from.get(i), to.get(i));
            } else {
                operation("add", path + "/" + i).set("value", to.get(i));
            }
        }
    }

    private void compareItems(String path, ArrayNode from, ArrayNode to, Function<JsonNode, Object> identity) {
        var staying = to.valueStream().map(identity).toList();
        var places = new HashMap<Object, Integer>();
        for (var i = 0; i < staying.size(); i++) {
            places.put(staying.get(i), i);
        }
        // What the list holds while the patch is applied, operation by operation.
        var now = new ArrayList<>(from.valueStream().toList());
        // Items that stay and keep their order; any other is taken out and put back in its place.
        var kept = inOrder(now.stream()
                .map(item -> places.getOrDefault(identity.apply(item), -1))
                .toList());
        for (var i = now.size() - 1; i >= 0; i--) {
            if (!kept.get(i)) {
                operation("remove", path + "/" + i);
                now.remove(i);
            }
        }
        for (var i = 0; i < to.size(); i++) {
            if (i < now.size() && identity.apply(now.get(i)).equals(staying.get(i))) {
                compare(path + "/" + i, now.get(i), to.get(i));
            } else {
                operation("add", path + "/" + i).set("value", to.get(i));
                now.add(i, to.get(i));
            }
        }
    }

    /** Which of {@code places} can stay where they are: greedily, each that is higher than the one kept before it. */
    private static List<Boolean> inOrder(List<Integer> places) {
        var last = -1;
        var kept = new ArrayList<Boolean>(places.size());
        for (var place : places) {
            var stays = place > last;
            kept.add(stays);
            last = stays ? place : last;
        }
        return kept;
    }

    private ObjectNode operation(String name, String path) {
        return operations.addObject().put("op", name).put("path", path);
    }

    /** A name as a part of a JSON pointer (RFC 6901). */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
