package dev.runledger.app.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.app.embedded.TestDatabase;
import dev.runledger.app.web.RawHttp;
import dev.runledger.command.execution.CommandName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The description of the API against the API. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class OpenApiTest {

    private static final Path FILE = Path.of("..", "docs", "openapi.json");
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @LocalServerPort
    private int port;

    @Autowired
    private RequestMappingHandlerMapping requestMappingHandlerMapping;

    private RawHttp http;
    private JsonNode api;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        TestDatabase.describeTo(registry);
    }

    @BeforeEach
    void read() {
        http = new RawHttp(port);
        api = JSON.readTree(body(http.get("/v3/api-docs")));
    }

    /** A body that may have come in chunks. */
    private static String body(RawHttp.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isIn(200, 201);
        if (!answer.headers().contains("transfer-encoding: chunked")) {
            return answer.body();
        }
        var whole = new StringBuilder();
        var rest = answer.body().getBytes(StandardCharsets.UTF_8);
        for (var at = 0; ; ) {
            var end = at;
            while (rest[end] != '\r') {
                end++;
            }
            var size = Integer.parseInt(new String(rest, at, end - at, StandardCharsets.US_ASCII), 16);
            if (size == 0) {
                return whole.toString();
            }
            whole.append(new String(rest, end + 2, size, StandardCharsets.UTF_8));
            at = end + 2 + size + 2;
        }
    }

    private JsonNode schema(String name) {
        return api.at("/components/schemas/" + name);
    }

    private JsonNode resolved(JsonNode schema) {
        var reference = schema.path("$ref").asString("");
        return reference.isEmpty() ? schema : api.at(reference.substring(1));
    }

    @Nested
    class TheDescription {

        @Test
        void isTheOneInTheRepository() throws IOException {
            var text = JSON.writeValueAsString(api).replace("\r\n", "\n") + "\n";
            if (Boolean.getBoolean("openapi.write")) {
                Files.writeString(FILE, text);
            }
            assertThat(FILE)
                    .as(
                            "docs/openapi.json differs; renew it with -pl app -am test -Dtest=OpenApiTest -Dopenapi.write=true"
                                    + " -Dsurefire.failIfNoSpecifiedTests=false")
                    .hasContent(text);
        }

        @Test
        void namesEveryHandlerAndNothingElse() {
            var handled = new HashSet<String>();
            requestMappingHandlerMapping
                    .getHandlerMethods()
                    .forEach((mapping, handler) -> mapping.getPatternValues().stream()
                            .filter(path -> path.startsWith("/api/"))
                            .forEach(path -> mapping.getMethodsCondition()
                                    .getMethods()
                                    .forEach(method -> handled.add(method + " " + path))));
            var described = new HashSet<String>();
            for (var path : api.get("paths").properties()) {
                for (var operation : path.getValue().properties()) {
                    assertThat(operation.getValue().get("summary"))
                            .as(path.getKey())
                            .isNotNull();
                    if (path.getKey().startsWith("/api/")) {
                        described.add(operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                    }
                }
            }
            assertThat(described).isEqualTo(handled);
            assertThat(Operations.ALL).extracting(Operations.Described::id).doesNotHaveDuplicates();
        }

        @Test
        void refersToWhatIsThere() {
            var missing = new ArrayList<String>();
            api.findValuesAsString("$ref").forEach(reference -> {
                if (api.at(reference.substring(1)).isMissingNode()) {
                    missing.add(reference);
                }
            });
            assertThat(missing).isEmpty();
        }

        @Test
        void hasABodyForEveryCommand() {
            for (var name : CommandName.values()) {
                var schema = name == CommandName.SCHEDULE_EXECUTION ? "CreateExecution" : name.text();
                assertThat(schema(schema).isObject()).as(schema).isTrue();
            }
        }
    }

    @Nested
    class AQueryParameter {

        @Test
        void isTakenWhereItIsDescribedAndNowhereElse() {
            var all = new HashSet<String>();
            queries((path, name, schema) -> all.add(name));
            for (var described : Operations.ALL) {
                if (!described.method().equals("GET") || !described.path().startsWith("/api/")) {
                    continue;
                }
                Set<String> names = new HashSet<>();
                queries((path, name, schema) -> {
                    if (path.equals(described.path())) {
                        names.add(name);
                    }
                });
                for (var name : all) {
                    var answer = http.get(filled(described.path()) + "?" + name + "=%00");
                    assertThat(answer.body()).contains("\"pointer\":\"/" + name + "\"");
                    assertThat(answer.body().contains("is unknown here"))
                            .as(described.path() + " " + name)
                            .isNotEqualTo(names.contains(name));
                }
            }
        }

        @Test
        void takesTheValuesItIsDescribedToTake() {
            queries((path, name, schema) -> {
                var one = schema.has("items") ? schema.get("items") : schema;
                for (var value : one.path("enum")) {
                    // A clock goes with a time alone.
                    isFine(path, name, value.asString() + (name.equals("clock") ? timesOf(path) : ""));
                }
                for (var limit : List.of("minimum", "maximum")) {
                    if (one.has(limit)) {
                        isFine(path, name, one.get(limit).asString());
                    }
                }
                switch (one.path("format").asString("")) {
                    case "date-time" -> isFine(path, name, "2026-01-31T12:00:00Z");
                    case "uuid" -> isFine(path, name, UUID.randomUUID().toString());
                    default -> {}
                }
            });
        }

        private static String timesOf(String path) {
            var time = "2026-01-31T12:00:00Z";
            return path.endsWith("/diff") ? "&from=" + time + "&to=" + time : "&at=" + time;
        }

        private void isFine(String path, String name, String value) {
            var answer = http.get(filled(path) + "?" + name + "=" + value);
            assertThat(answer.status())
                    .as(path + " " + name + "=" + value + "\n" + answer.body())
                    .isIn(200, 404);
        }

        private interface Visit {
            void parameter(String path, String name, JsonNode schema);
        }

        private void queries(Visit visit) {
            for (var path : api.get("paths").properties()) {
                for (var parameter : path.getValue().path("get").path("parameters")) {
                    if (parameter.path("in").asString("").equals("query")) {
                        visit.parameter(path.getKey(), parameter.get("name").asString(), parameter.get("schema"));
                    }
                }
            }
        }

        private static String filled(String path) {
            return path.replace("{executionId}", "0198c0de-0000-7000-8000-000000000001")
                    .replaceAll("\\{\\w+}", "a");
        }
    }

    @Nested
    class ACommandsBody {

        /** What is wrong with the line; empty when it was read. */
        private List<String> troubles(ObjectNode line) {
            var answer = http.send(
                    "POST",
                    "/api/v1/commands",
                    "Content-Type: application/x-ndjson\r\n",
                    JsonMapper.shared().writeValueAsString(line) + "\n");
            var result = JSON.readTree(body(answer).strip());
            return result.at("/problem/errors")
                    .valueStream()
                    .map(error -> error.get("pointer").asString() + " "
                            + error.get("message").asString())
                    .toList();
        }

        private ObjectNode least(CommandName name, JsonNode schema) {
            var line = NODES.objectNode().put("command", name.text());
            line.put("executionId", UUID.randomUUID().toString());
            if (name.text().endsWith("Step")) {
                line.put("stepId", "s");
            }
            for (var required : schema.path("required")) {
                var field = required.asString();
                line.set(field, value(schema.get("properties").get(field)));
            }
            return line;
        }

        private JsonNode value(JsonNode given) {
            var schema = resolved(given);
            if (schema.has("enum")) {
                return schema.get("enum").get(0);
            }
            return switch (schema.path("type").asString("")) {
                case "string" ->
                    NODES.stringNode(
                            switch (schema.path("format").asString("")) {
                                case "uuid" -> "0198c0de-0000-7000-8000-000000000001";
                                case "date-time" -> "2026-01-31T12:00:00Z";
                                default ->
                                    "a"
                                            .repeat(
                                                    schema.has("pattern")
                                                            ? 64
                                                            : schema.path("maxLength")
                                                                    .asInt(1));
                            });
                case "integer" ->
                    NODES.numberNode(
                            schema.has("maximum")
                                    ? schema.get("maximum").asLong()
                                    : schema.path("format").asString("").equals("int32")
                                            ? Integer.MAX_VALUE
                                            : Long.MAX_VALUE);
                case "boolean" -> NODES.booleanNode(true);
                case "array" -> NODES.arrayNode().add(value(schema.get("items")));
                case "object" -> {
                    var object = NODES.objectNode();
                    schema.path("properties").properties().forEach(p -> object.set(p.getKey(), value(p.getValue())));
                    yield object;
                }
                default -> NODES.objectNode().put("any", 1.50);
            };
        }

        private @Nullable JsonNode beyond(JsonNode given) {
            var schema = resolved(given);
            if (schema.has("maxLength")) {
                return NODES.stringNode("a".repeat(schema.get("maxLength").asInt() + 1));
            }
            if (schema.has("maximum")) {
                return NODES.numberNode(schema.get("maximum").asLong() + 1);
            }
            if (schema.has("minimum")) {
                return NODES.numberNode(schema.get("minimum").asLong() - 1);
            }
            if (schema.has("enum") || schema.has("pattern") || schema.has("format")) {
                return NODES.stringNode("neither");
            }
            return null;
        }

        @Test
        void hasTheFieldsLimitsAndRequirementsThatAreDescribed() {
            for (var name : CommandName.values()) {
                var schema = schema(name == CommandName.SCHEDULE_EXECUTION ? "CreateExecution" : name.text());
                assertThat(troubles(least(name, schema))).as(name.text()).isEmpty();
                for (var property : schema.get("properties").properties()) {
                    var field = property.getKey();
                    var line = least(name, schema);
                    if (field.equals("start")) {
                        line.put("start", name != CommandName.SCHEDULE_EXECUTION);
                    } else {
                        line.set(field, value(property.getValue()));
                    }
                    if (field.equals("iteration") && name.text().startsWith("Record")) {
                        line.put("stepId", "s");
                    }
                    assertThat(troubles(line)).as(name.text() + " " + field).isEmpty();
                    var beyond = beyond(property.getValue());
                    if (beyond != null) {
                        line.set(field, beyond);
                        assertThat(troubles(line))
                                .as(name.text() + " " + field + " beyond its limit")
                                .anyMatch(trouble -> trouble.startsWith("/" + field + " "));
                    }
                }
                for (var required : schema.path("required")) {
                    var line = least(name, schema);
                    line.remove(required.asString());
                    assertThat(troubles(line)).contains("/" + required.asString() + " is required");
                }
            }
        }

        @Test
        void hasNoFieldThatIsNotDescribed() {
            var every = new HashSet<String>();
            for (var name : CommandName.values()) {
                schema(name == CommandName.SCHEDULE_EXECUTION ? "CreateExecution" : name.text())
                        .get("properties")
                        .propertyNames()
                        .forEach(every::add);
            }
            for (var name : CommandName.values()) {
                var schema = schema(name == CommandName.SCHEDULE_EXECUTION ? "CreateExecution" : name.text());
                var own = new HashSet<>(schema.get("properties").propertyNames());
                if (name.text().endsWith("Step")) {
                    own.add("stepId");
                }
                for (var field : every) {
                    if (!own.contains(field)) {
                        var line = least(name, schema);
                        line.put(field, "x");
                        assertThat(troubles(line))
                                .as(name.text() + " " + field)
                                .contains("/" + field + " is unknown here");
                    }
                }
            }
        }
    }

    @Nested
    class AnAnswer {

        private JsonNode post(String path, String body) {
            return JSON.readTree(body(http.send("POST", path, "Content-Type: application/json\r\n", body)));
        }

        private void matches(JsonNode answer, JsonNode given, String where) {
            var schema = resolved(given);
            if (schema.has("oneOf")) {
                if (!answer.isNull()) {
                    matches(answer, schema.get("oneOf").get(0), where);
                }
                return;
            }
            if (answer.isArray() && schema.has("items")) {
                var mayBeEmpty = where.endsWith("/skipped") || where.endsWith("/examples");
                assertThat(answer.isEmpty() && !mayBeEmpty).as(where).isFalse();
                answer.forEach(item -> matches(item, schema.get("items"), where + "[]"));
            }
            if (schema.has("enum")) {
                assertThat(schema.get("enum").valueStream()).as(where).contains(answer);
            }
            if (!answer.isObject() || !schema.has("properties")) {
                return;
            }
            var properties = schema.get("properties");
            assertThat(properties.propertyNames()).as(where).containsAll(answer.propertyNames());
            assertThat(answer.propertyNames())
                    .as(where)
                    .containsAll(schema.path("required")
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList());
            for (var member : answer.properties()) {
                matches(member.getValue(), properties.get(member.getKey()), where + "/" + member.getKey());
            }
        }

        @Test
        void hasTheMembersThatAreDescribed() {
            var namespace = "Runledger-Namespace: openapi\r\n";
            var id = UUID.randomUUID().toString();
            var path = "/api/v1/executions/" + id;
            var lines = """
                    {"command":"StartExecution","executionId":"ID","workflow":"w","agentId":"a","tags":{"k":"v"}}
                    {"command":"StartStep","executionId":"ID","stepId":"a","dependsOn":["b"]}
                    {"command":"FailStep","executionId":"ID","stepId":"a","error":{"message":"m","details":1}}
                    {"command":"RecordArtifact","executionId":"ID","type":"t","name":"n"}
                    {"command":"RecordCheckpoint","executionId":"ID","state":{}}
                    {"command":"StartExecution","workflow":"child","parentExecutionId":"ID"}
                    {"command":"CompleteStep","executionId":"ID","stepId":"unknown"}
                    """.replace("ID", id);
            var results = body(http.send(
                            "POST", "/api/v1/commands", namespace + "Content-Type: application/x-ndjson\r\n", lines))
                    .lines()
                    .map(JSON::readTree)
                    .toList();
            results.forEach(result -> matches(result, schema("BatchResult"), "batch"));
            var position = results.stream()
                    .mapToLong(result -> result.path("position").asLong(0))
                    .max()
                    .orElseThrow();
            for (var described : Operations.ALL) {
                if (described.method().equals("GET") && described.path().startsWith("/api/")) {
                    var uri = described
                                    .path()
                                    .replace("/api/v1/executions/{executionId}", path)
                                    .replace("{name}", "w")
                                    .replaceAll("\\{\\w+}", "a")
                            + switch (described.id()) {
                                case "getExecution" -> "?include=steps,artifacts&version=5";
                                case "getLatestCheckpoint", "listStepsOfExecution" -> "?version=5";
                                case "diffExecution" -> "?from=1&to=5";
                                default -> "";
                            };
                    var answer = http.get(uri, "Runledger-Namespace: openapi", "Runledger-Min-Position: " + position);
                    assertThat(answer.headers()).contains("runledger-position: ");
                    var content = api.get("paths").get(described.path()).at("/get/responses/200/content");
                    if (described.kind() == Operations.Kind.LINES) {
                        body(answer)
                                .lines()
                                .forEach(line ->
                                        matches(JSON.readTree(line), content.at("/application~1x-ndjson/schema"), uri));
                    } else {
                        matches(JSON.readTree(body(answer)), content.at("/application~1json/schema"), uri);
                    }
                }
            }
        }

        @Test
        void toACommandIsDescribed() {
            var id = UUID.randomUUID().toString();
            matches(
                    post("/api/v1/executions/" + id + "/start", "{\"workflow\":\"w\"}"),
                    schema("CommandAnswer"),
                    "start");
            matches(post("/api/v1/executions/" + id + "/steps/a/start", "{}"), schema("CommandAnswer"), "step");
            matches(
                    JSON.readTree(http.send("POST", "/api/v1/executions/" + id + "/start", "If-Match: 1\r\n", "")
                            .body()),
                    schema("Problem"),
                    "problem");
        }
    }

    @Nested
    class ThePage {

        @Test
        void answersWithItsAssets() {
            var page = http.get("/swagger-ui.html");
            assertThat(page.status()).isEqualTo(302);
            assertThat(page.headers()).contains("location: /swagger-ui/index.html");
            var index = body(http.get("/swagger-ui/index.html"));
            var assets = java.util.regex.Pattern.compile("(?:src|href)=\"\\./([^\"]+)\"")
                    .matcher(index);
            var found = 0;
            while (assets.find()) {
                assertThat(http.get("/swagger-ui/" + assets.group(1)).status())
                        .as(assets.group(1))
                        .isEqualTo(200);
                found++;
            }
            assertThat(found).isGreaterThan(3);
            assertThat(body(http.get("/v3/api-docs/swagger-config"))).contains("\"url\":\"/v3/api-docs\"");
        }
    }
}
