package dev.runledger.query.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.EventJson;
import dev.runledger.query.Patched;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

class JsonPatchTest {

    private static final Map<String, Function<JsonNode, Object>> BY_ID = Map.of("/items", item -> item.get("id"));

    private static JsonNode json(String text) {
        return EventJson.mapper().readTree(text.replace('\'', '"'));
    }

    private static String patch(JsonNode from, JsonNode to) {
        return JsonPatch.between(from, to, BY_ID, EventJson.mapper()::readTree).toString();
    }

    @Nested
    class APatch {

        @ParameterizedTest
        @CsvSource(
                delimiter = ';',
                quoteCharacter = '`',
                value = {
                    "{'a':1};               {'a':1};               []",
                    "{'a':1};               {'a':2};               [{'op':'replace','path':'/a','value':2}]",
                    "{'a':1};               {'a':null};            [{'op':'replace','path':'/a','value':null}]",
                    "{};                    {'a':null};            [{'op':'add','path':'/a','value':null}]",
                    "{'a':1};               {};                    [{'op':'remove','path':'/a'}]",
                    "{'a':{}};              {'a':[]};              [{'op':'replace','path':'/a','value':[]}]",
                    "{'a/b':{'~c':1}};      {'a/b':{'~c':2}};      [{'op':'replace','path':'/a~1b/~0c','value':2}]",
                    "{'~1':1};              {};                    [{'op':'remove','path':'/~01'}]",
                    "{'':1};                {'':2};                [{'op':'replace','path':'/','value':2}]",
                    "{'a':[1,2,3]};         {'a':[1]};             [{'op':'remove','path':'/a/2'},{'op':'remove','path':'/a/1'}]",
                    "{'a':[1]};             {'a':[2,3]};           [{'op':'replace','path':'/a/0','value':2},{'op':'add','path':'/a/1','value':3}]",
                    "{'items':[{'id':1,'n':1},{'id':2,'n':1}]}; {'items':[{'id':2,'n':2}]}; [{'op':'remove','path':'/items/0'},{'op':'replace','path':'/items/0/n','value':2}]",
                    "{'items':[{'id':2,'n':1}]}; {'items':[{'id':1},{'id':2,'n':2}]}; [{'op':'add','path':'/items/0','value':{'id':1}},{'op':'replace','path':'/items/1/n','value':2}]"
                })
        void saysWhatChangedWhereItChanged(String from, String to, String expected) {
            assertThat(patch(json(from), json(to))).isEqualTo(expected.replace('\'', '"'));
        }
    }

    @Nested
    class ATextOfJson {

        private static JsonNode raw(String text) {
            return EventJson.mapper().createObjectNode().putRawValue("a", new RawValue(text));
        }

        @Test
        void isReadOnlyWhereItIsAnother() {
            Function<String, JsonNode> never = text -> {
                throw new AssertionError(text + " is read");
            };
            assertThat(JsonPatch.between(raw("{\"k\":[1]}"), raw("{\"k\":[1]}"), BY_ID, never))
                    .isEmpty();
            assertThat(patch(raw("{\"k\":[1]}"), raw("{ \"k\" : [1] }"))).isEqualTo("[]");
            assertThat(patch(raw("{\"k\":[1]}"), raw("{\"k\":[1,2]}")))
                    .isEqualTo("[{\"op\":\"add\",\"path\":\"/a/k/1\",\"value\":2}]");
            assertThat(patch(json("{'a':null}"), raw("1")))
                    .isEqualTo("[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]");
        }
    }

    @Nested
    class AnyPatch {

        private static final String[] NAMES = {"a", "b/~", "~1", ""};

        private final Random random = new Random(6902);

        @Test
        void turnsOneDocumentIntoTheOther() {
            for (var i = 0; i < 1_000; i++) {
                var from = document();
                var to = document();
                var patch = patch(from, to);
                assertThat(Patched.by(patch, from.toString()))
                        .as(from + "\n" + to + "\n" + patch)
                        .isEqualTo(Patched.read(to.toString()));
            }
        }

        private ObjectNode document() {
            var document = object(2);
            var items = document.putArray("items");
            var ids = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6));
            Collections.shuffle(ids, random);
            ids.subList(0, random.nextInt(7)).forEach(id -> items.add(object(1).put("id", id)));
            return document;
        }

        private ObjectNode object(int depth) {
            var object = EventJson.mapper().createObjectNode();
            for (var name : NAMES) {
                if (random.nextBoolean()) {
                    object.set(name, value(depth));
                }
            }
            return object;
        }

        private JsonNode value(int depth) {
            return switch (random.nextInt(depth > 0 ? 6 : 4)) {
                case 0 -> json("null");
                case 1 -> json("1.50");
                case 2 -> json("" + random.nextInt(2));
                case 3 -> json("'x'");
                case 4 -> object(depth - 1);
                default -> {
                    var array = EventJson.mapper().createArrayNode();
                    for (var i = random.nextInt(3); i > 0; i--) {
                        array.add(value(depth - 1));
                    }
                    yield array;
                }
            };
        }
    }
}
