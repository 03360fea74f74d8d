package dev.runledger.events.execution;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch, RFC 7396. */
final class MergePatch {

    private static final JsonMapper JSON = EventJson.mapper();

    private MergePatch() {}

    /** {@code target}, an empty object where null, with {@code patch} applied. */
    static Json apply(@Nullable Json target, Json patch) {
        var before = target == null ? JSON.createObjectNode() : JSON.readTree(target.text());
        return Json.of(JSON.writeValueAsString(merged(before, JSON.readTree(patch.text()))));
    }

    private static JsonNode merged(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        var result = target instanceof ObjectNode object ? object : JSON.createObjectNode();
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                result.remove(change.getKey());
            } else {
                var before = result.get(change.getKey());
                result.set(change.getKey(), merged(before == null ? JSON.nullNode() : before, change.getValue()));
            }
        });
        return result;
    }
}
