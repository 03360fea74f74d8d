package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.encoded;
import static dev.runledger.app.api.Ledger.json;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers to requests that it does not take, and that nothing of them is recorded. */
class BadInputTest extends OverHttp {

    private static final String LONE = "\\ud83d";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String depth(int levels) {
        return "{'workflow': 'w', 'input': " + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
    }

    /** What is wrong, the body of StartExecution, and the pointers of the answer, divided by blanks. */
    static Stream<Arguments> badBodies() {
        var future = Instant.now().plus(Duration.ofMinutes(6));
        return Stream.of(
                arguments("nothing where a workflow is required", "", "/workflow"),
                arguments("an empty object", "{}", "/workflow"),
                arguments("null", "{'workflow': null}", "/workflow"),
                arguments("an empty text", "{'workflow': ''}", "/workflow"),
                arguments("an unknown field", "{'workflow': 'w', 'worklfow': 1}", "/worklfow"),
                arguments("two of them", "{'a~b': 1, 'workflow': 'w', 'c/d': 1}", "/a~0b /c~1d"),
                arguments(
                        "one inside of a step", "{'workflow': 'w', 'steps': [{'stepId': 's', 'x': 1}]}", "/steps/0/x"),
                arguments("a number for a text", "{'workflow': 7}", "/workflow"),
                arguments("a text for a flag", "{'workflow': 'w', 'start': 'false'}", "/start"),
                arguments("a text for an array", "{'workflow': 'w', 'steps': 's'}", "/steps"),
                arguments("a text for an object", "{'workflow': 'w', 'metadata': 's'}", "/metadata"),
                arguments("an array for an object", "{'workflow': 'w', 'metadata': []}", "/metadata"),
                arguments(
                        "a fraction for a whole number",
                        "{'workflow': 'w', 'workflowVersion': 1.5}",
                        "/workflowVersion"),
                arguments(
                        "a number that is too large",
                        "{'workflow': 'w', 'workflowVersion': 2147483648}",
                        "/workflowVersion"),
                arguments("one that is too small", "{'workflow': 'w', 'workflowVersion': 0}", "/workflowVersion"),
                arguments("a tag that is no text", "{'workflow': 'w', 'tags': {'a': 1}}", "/tags/a"),
                arguments("a tag with a colon", "{'workflow': 'w', 'tags': {'a:b': 'c'}}", "/tags/a:b"),
                arguments("a long text", "{'workflow': '" + "x".repeat(256) + "'}", "/workflow"),
                arguments("a long tag", "{'workflow': 'w', 'tags': {'a': '" + "x".repeat(1_025) + "'}}", "/tags/a"),
                arguments(
                        "a long command id", "{'workflow': 'w', 'commandId': '" + "x".repeat(65) + "'}", "/commandId"),
                arguments("a line break in a name", "{'workflow': 'a\\nb'}", "/workflow"),
                arguments("no UUID", "{'workflow': 'w', 'executionId': '7'}", "/executionId"),
                arguments("a short UUID", "{'workflow': 'w', 'executionId': '1-1-1-1-1'}", "/executionId"),
                arguments("no UUID of the parent", "{'workflow': 'w', 'parentExecutionId': 'x'}", "/parentExecutionId"),
                arguments("no time", "{'workflow': 'w', 'occurredAt': 'yesterday'}", "/occurredAt"),
                arguments(
                        "a time without its zone",
                        "{'workflow': 'w', 'occurredAt': '2026-01-01T00:00:00'}",
                        "/occurredAt"),
                arguments(
                        "a day that is none", "{'workflow': 'w', 'occurredAt': '2026-02-30T00:00:00Z'}", "/occurredAt"),
                arguments("a number for a time", "{'workflow': 'w', 'occurredAt': 1767225600}", "/occurredAt"),
                arguments("a time in the future", "{'workflow': 'w', 'occurredAt': '" + future + "'}", "/occurredAt"),
                arguments(
                        "two deadlines",
                        "{'workflow': 'w', 'timeoutMs': 1, 'deadlineAt': '2030-01-01T00:00:00Z'}",
                        "/timeoutMs"),
                arguments("an escaped NUL", "{'workflow': 'a\\u0000b'}", "/workflow"),
                arguments(
                        "an escaped NUL inside of the input",
                        "{'workflow': 'w', 'input': {'a': ['\\u0000']}}",
                        "/input/a/0"),
                arguments("one in a name", "{'workflow': 'w', 'input': {'\\u0000': 1}}", "/input/\uFFFD"),
                arguments("a NUL as it is", "{'workflow': 'a\0b'}", "/workflow"),
                arguments("a NUL between two members", "{'workflow': 'w',\0 'input': 1}", "*"),
                arguments("a lone surrogate", "{'workflow': 'w', 'input': 'a" + LONE + "b'}", "/input"),
                arguments("the other half", "{'workflow': 'w', 'input': '\\ude80'}", "/input"),
                arguments(
                        "two halves in the wrong order", "{'workflow': 'w', 'input': '\\ude80" + LONE + "'}", "/input"),
                arguments("one in a name", "{'workflow': 'w', 'input': {'" + LONE + "': 1}}", "/input/\uFFFD"),
                arguments("101 levels", depth(101), "/input" + "/0".repeat(99)),
                arguments(
                        "101 levels of objects",
                        "{'workflow': 'w', 'input': " + "{'a':".repeat(100) + "1" + "}".repeat(101),
                        "*"),
                arguments("a hundred thousand levels", depth(100_000), "*"),
                arguments("a member twice", "{'workflow': 'w', 'workflow': 'w'}", "/workflow"),
                arguments("one twice inside of the input", "{'workflow': 'w', 'input': {'a': 1, 'a': 1}}", "/input/a"),
                arguments("an exponent of 401", "{'workflow': 'w', 'input': 1e401}", "/input"),
                arguments("one of -401", "{'workflow': 'w', 'input': [1, 1e-401]}", "/input/1"),
                arguments("one beyond counting", "{'workflow': 'w', 'input': 1e99999999999999999999}", "/input"),
                arguments(
                        "one beyond counting with a mantissa of zero",
                        "{'workflow': 'w', 'input': 0e999999999}",
                        "/input"),
                arguments("another value after the first", "{'workflow': 'w'} {}", "*"),
                arguments("a word after it", "{'workflow': 'w'} x", "*"),
                arguments("half of it", "{'workflow': 'w'", "*"),
                arguments("no JSON", "workflow=w", "*"),
                arguments("NaN", "{'workflow': 'w', 'input': NaN}", "/input"),
                arguments("a comment", "{'workflow': 'w' /* c */}", "*"),
                arguments("a comma too many", "{'workflow': 'w',}", "*"),
                arguments("a number with a leading zero", "{'workflow': 'w', 'input': 01}", "*"),
                arguments("a text", "'workflow'", ""),
                arguments("an array", "[{'workflow': 'w'}]", ""),
                arguments("a null", "null", ""));
    }

    @Nested
    class ABody {

        @ParameterizedTest(name = "{0}")
        @MethodSource("dev.runledger.app.api.BadInputTest#badBodies")
        void isRefusedAsACommand(String what, String body, String pointers) {
            var head = head();
            var answer = ledger.post(EXECUTIONS, "application/json", bytes(json(body)))
                    .isProblem(400, "bad-request");
            assertPointers(answer.json(), pointers);
            assertThat(head()).isEqualTo(head);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("dev.runledger.app.api.BadInputTest#badBodies")
        void isRefusedAsALine(String what, String body, String pointers) {
            if (!body.contains("'workflow'") || body.startsWith("'") || body.startsWith("[")) {
                body = "{'a': 1, 'workflow': 'w'}";
                pointers = "/a";
            }
            var head = head();
            var line = body.replaceFirst("\\{", "{'command': 'StartExecution', ");
            var results = ledger.batch(List.of(json(line), json("{'command': 'StartExecution', 'workflow': 'w'}")));
            assertThat(results).hasSize(2);
            var problem = results.getFirst().path("problem");
            assertThat(problem.path("status").asInt()).as(results.toString()).isEqualTo(400);
            assertThat(problem.path("type").asString()).isEqualTo("urn:runledger:problem:bad-request");
            assertThat(problem.path("requestId").asString()).isNotBlank();
            assertPointers(problem, pointers);
            assertThat(results.getLast().has("problem")).isFalse();
            assertThat(head()).isEqualTo(head + 1);
        }

        private static void assertPointers(tools.jackson.databind.JsonNode problem, String pointers) {
            var found = problem.path("errors")
                    .valueStream()
                    .map(error -> error.path("pointer").asString())
                    .toList();
            assertThat(found).as(problem.toString()).isNotEmpty();
            if (!pointers.equals("*")) {
                assertThat(found).as(problem.toString()).containsExactlyInAnyOrder(pointers.split(" ", -1));
            }
        }

        @Test
        void isRefusedWhereItIsNoUtf8() {
            var head = head();
            for (var bad : List.of("\u00fc", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f5\u0080\u0080\u0080")) {
                var body = ("{\"workflow\": \"" + bad + "\"}").getBytes(StandardCharsets.ISO_8859_1);
                ledger.post(EXECUTIONS, "application/json", body)
                        .isProblem(400, "bad-request")
                        .pointsAt("");
            }
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void mayBeAHundredLevelsDeep() {
            var id = ledger.create(depth(100));
            assertThat(ledger.get(of(id)).text()).contains("[".repeat(99) + "]".repeat(99));
        }

        @Test
        void mayHaveTextsUpToTheirLimit() {
            for (var body : List.of(
                    "{'workflow': '" + "🚀".repeat(255) + "'}",
                    "{'workflow': 'w', 'tags': {'" + "k".repeat(128) + "': '" + "v".repeat(1_024) + "'}}",
                    "{'workflow': 'w', 'commandId': '" + "c".repeat(64) + "'}",
                    "{'workflow': 'w', 'occurredAt': '" + Instant.now().plus(Duration.ofMinutes(4)) + "'}")) {
                ledger.post(EXECUTIONS, body).is(201);
            }
        }

        @Test
        void mayBeginWithAByteOrderMark() {
            ledger.post(EXECUTIONS, "\uFEFF{'workflow': 'w'}").is(201);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "fail | {} | /error",
                    "fail | {'error': {}} | /error/message",
                    "fail | {'error': 'disk'} | /error",
                    "fail | {'error': {'message': 'm', 'x': 1}} | /error/x",
                    "fail | {'error': {'message': null}} | /error/message",
                    "complete | {'openSteps': 'keep'} | /openSteps",
                    "complete | {'executionId': '00000000-0000-0000-0000-000000000000'} | /executionId",
                    "complete | {'expectedVersion': -1} | /expectedVersion",
                    "complete | {'expectedVersion': '1'} | /expectedVersion",
                    "cancel | {'reason': 1} | /reason",
                    "cancel | {'output': 1} | /output",
                    "timeout | {'error': {'message': 'm'}} | /error",
                    "retry | {'fromSteps': 's'} | /fromSteps",
                    "retry | {'attempt': 0} | /attempt",
                    "retry | {'timeoutMs': 0} | /timeoutMs",
                    "amend | {'tags': []} | /tags",
                    "amend | {'metadata': 1} | /metadata",
                    "steps | {} | /stepId",
                    "steps | {'stepId': 's', 'dependsOn': 'a'} | /dependsOn",
                    "steps | {'stepId': 's', 'dependsOn': ['a', 1]} | /dependsOn/1",
                    "steps | {'stepId': 's', 'maxRetries': -1} | /maxRetries",
                    "steps | {'stepId': 's', 'order': 1.5} | /order",
                    "steps | {'stepId': 's', 'iteration': 0} | /iteration",
                    "steps/s/start | {'stepId': 't'} | /stepId",
                    "steps/s/start | {'attempt': 'x'} | /attempt",
                    "steps/s/complete | {'error': {'message': 'm'}} | /error",
                    "steps/s/fail | {'retryable': 1, 'nextRetryAt': 'soon'} | /error /retryable /nextRetryAt",
                    "steps/a%0Ab/start | {} | /stepId",
                    "artifacts | {} | /type /name",
                    "artifacts | {'type': 'a', 'name': 'b', 'sizeBytes': -1} | /sizeBytes",
                    "artifacts | {'type': 'a', 'name': 'b', 'sha256': 'xyz'} | /sha256",
                    "artifacts | {'type': 'a', 'name': 'b', 'uri': 'u', 'path': 'p'} | /path",
                    "artifacts | {'type': 'a', 'name': 'b', 'iteration': 1} | /iteration",
                    "checkpoints | {} | /state",
                    "checkpoints | {'state': null} | /state"
                })
        void isRefusedByEveryCommand(String command, String body, String pointers) {
            var id = ledger.start();
            var head = head();
            ledger.post(of(id, command), body).isProblem(400, "bad-request").pointsAt(pointers.split(" "));
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isRefusedWithTextsOverTheirLimit() {
            var id = ledger.start();
            var head = head();
            ledger.post(of(id, "cancel"), "{'reason': '" + "x".repeat(4_097) + "'}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/reason");
            ledger.post(of(id, "fail"), "{'error': {'message': '" + "x".repeat(65_537) + "'}}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/error/message");
            ledger.post(of(id, "fail"), "{'error': {'message': 'm', 'stackTrace': '" + "x".repeat(262_145) + "'}}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/error/stackTrace");
            ledger.post(step(id, "x".repeat(256), "start"), "{}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/stepId");
            assertThat(head()).isEqualTo(head);
        }
    }

    @Nested
    class AHeader {

        @ParameterizedTest
        @ValueSource(strings = {"1", "W/\"1\"", "*", "\"x\"", "\"1\", \"2\"", "\"-1\"", "\"99999999999999999999\""})
        void isRefusedAsAConditionUnlessItIsOneVersion(String condition) {
            var id = ledger.start();
            ledger.with("If-Match", condition)
                    .post(of(id, "complete"), "{}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/expectedVersion");
        }

        @Test
        void isRefusedWhereTheBodySaysOtherwise() {
            var id = ledger.start();
            ledger.with("If-Match", "\"1\"")
                    .post(of(id, "complete"), "{'expectedVersion': 2}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/expectedVersion");
            ledger.with("Idempotency-Key", "a")
                    .post(of(id, "complete"), "{'commandId': 'b'}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/commandId");
        }

        @Test
        void isRefusedAsAKeyThatIsTooLong() {
            ledger.with("Idempotency-Key", "x".repeat(65))
                    .post(EXECUTIONS, "{'workflow': 'w'}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/commandId");
        }

        @Test
        void isRefusedAsAConditionOnAnExecutionThatIsNotThere() {
            var head = head();
            ledger.with("If-Match", "\"1\"")
                    .post(EXECUTIONS, "{'workflow': 'w'}")
                    .isProblem(400, "bad-request")
                    .pointsAt("/expectedVersion");
            assertThat(head()).isEqualTo(head);
        }
    }

    @Nested
    class AnIdInThePath {

        @ParameterizedTest
        @ValueSource(strings = {"7", "x", "1-1-1-1-1", "a%2Fb", "00000000-0000-0000-0000-00000000000g"})
        void mustBeAUuid(String id) {
            for (var part : List.of("complete", "steps/s/start", "artifacts")) {
                ledger.post(of(id, part), "{}").isProblem(400, "bad-request").pointsAt("/executionId");
            }
            for (var part : List.of("", "/steps", "/artifacts", "/checkpoints", "/children", "/events", "/steps/s")) {
                ledger.get(of(id) + part).isProblem(400, "bad-request").pointsAt("/executionId");
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "complete",
                    "fail",
                    "cancel",
                    "timeout",
                    "retry",
                    "amend",
                    "steps",
                    "steps/s/start",
                    "steps/s/complete",
                    "steps/s/fail",
                    "steps/s/skip",
                    "steps/s/cancel",
                    "steps/s/timeout",
                    "artifacts",
                    "checkpoints"
                })
        void isNotFoundByACommand(String command) {
            var head = head();
            var body = switch (command) {
                case "fail", "steps/s/fail" -> "{'error': {'message': 'm'}}";
                case "steps" -> "{'stepId': 's'}";
                case "artifacts" -> "{'type': 't', 'name': 'n'}";
                case "checkpoints" -> "{'state': 1}";
                default -> "{}";
            };
            ledger.post(of(newId(), command), body).isProblem(404, "unknown-execution");
            assertThat(head()).isEqualTo(head);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "/steps",
                    "/artifacts",
                    "/checkpoints",
                    "/checkpoints/latest",
                    "/children",
                    "/events",
                    "/steps/s",
                    "?include=steps,artifacts"
                })
        void isNotFoundByAQuery(String part) {
            ledger.get(of(newId()) + part).isProblem(404, "not-found");
        }

        @Test
        void isNotFoundInAFeed() {
            ledger.get(of(newId(), "events"), "application/x-ndjson").isProblem(404, "not-found");
        }

        @Test
        void isNotFoundForAStepThatIsUnknown() {
            var id = ledger.start();
            ledger.get(step(id, "x")).isProblem(404, "not-found");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/api/v1/nothing", "/api/v1/executions/x/y/z", "/api", "/api/v2/executions"})
        void isNotFoundWhereThereIsNoSuchPath(String path) {
            ledger.get(path).isProblem(404, "not-found");
            ledger.post(path, "{}").isProblem(404, "not-found");
        }
    }

    @Nested
    class AnErasedExecution {

        @Test
        void isGoneForEveryCommand() {
            var id = erased();
            var head = head();
            for (var command : List.of("start", "complete", "cancel", "timeout", "retry", "amend", "steps/s/start")) {
                ledger.post(of(id, command), "{}").isProblem(410, "erased");
            }
            ledger.post(of(id, "steps"), "{'stepId': 's'}").isProblem(410, "erased");
            ledger.post(of(id, "fail"), "{'error': {'message': 'm'}}").isProblem(410, "erased");
            ledger.post(of(id, "artifacts"), "{'type': 't', 'name': 'n'}").isProblem(410, "erased");
            ledger.post(of(id, "checkpoints"), "{'state': 1}").isProblem(410, "erased");
            ledger.post(EXECUTIONS, "{'workflow': 'w', 'executionId': '" + id + "'}")
                    .isProblem(410, "erased");
            var result = ledger.batch(List.of(json("{'command': 'CompleteExecution', 'executionId': '" + id + "'}")))
                    .getFirst();
            assertThat(result.path("problem").path("status").asInt()).isEqualTo(410);
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isGoneForEveryQueryAndOutOfLists() {
            var id = erased();
            var asOfNow = ledger.with("Runledger-Min-Position", String.valueOf(head()));
            for (var part : List.of(
                    "",
                    "?include=steps",
                    "/steps",
                    "/steps/s",
                    "/artifacts",
                    "/checkpoints",
                    "/checkpoints/latest",
                    "/children",
                    "/events")) {
                asOfNow.get(of(id) + part).isProblem(410, "erased");
            }
            asOfNow.get(of(id, "events"), "application/x-ndjson").isProblem(410, "erased");
            assertThat(asOfNow.get(EXECUTIONS).items()).isEmpty();
            assertThat(asOfNow.get("/api/v1/steps").items()).isEmpty();
            assertThat(asOfNow.get("/api/v1/artifacts").items()).isEmpty();
        }

        private String erased() {
            var id = ledger.start();
            ledger.command(step(id, "s", "start"), "{}");
            ledger.command(of(id, "artifacts"), "{'type': 't', 'name': 'n'}");
            ledger.command(of(id, "checkpoints"), "{'state': 1}");
            erase(id);
            return id;
        }
    }

    @Nested
    class ACommandThatIsTooLarge {

        private String body(int length) {
            var frame = json("{'workflow': 'w', 'input': ''}");
            return frame.replace(json("''"), "\"" + "x".repeat(length - frame.length()) + "\"");
        }

        @Test
        void isRefusedAboveAMebibyte() {
            ledger.post(EXECUTIONS, body(1 << 20)).is(201);
            var head = head();
            ledger.post(EXECUTIONS, body((1 << 20) + 1)).isProblem(413, "content-too-large");
            ledger.post(EXECUTIONS, body(8 << 20)).isProblem(413, "content-too-large");
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isRefusedAlsoWhenItDoesNotSayHowLargeItIs() {
            var head = head();
            var body = bytes(body((1 << 20) + 1));
            ledger.post(
                            EXECUTIONS,
                            "application/json",
                            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                    .isProblem(413, "content-too-large");
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isRefusedAsALineOnly() {
            var small = json("{'command': 'StartExecution', 'workflow': 'w'}");
            var frame = json("{'command': 'StartExecution', 'workflow': 'w', 'input': ''}");
            var fits = frame.replace("\"\"", "\"" + "x".repeat((1 << 20) - frame.length()) + "\"");
            var large = fits.replace("xx", "xxx");
            var head = head();
            var results = ledger.batch(List.of(small, fits, fits.replaceFirst("x", "xx"), large, small));
            assertThat(results.stream()
                            .map(r -> r.path("problem").path("status").asInt()))
                    .containsExactly(0, 0, 413, 413, 0);
            assertThat(results.get(2).path("problem").path("type").asString())
                    .isEqualTo("urn:runledger:problem:content-too-large");
            assertThat(head()).isEqualTo(head + 3);
        }
    }

    @Nested
    class AnotherContentType {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "text/xml",
                    "text/plain",
                    "application/x-www-form-urlencoded",
                    "application/x-ndjson",
                    "application/json; charset=iso-8859-1",
                    "application/merge-patch+json",
                    "nonsense"
                })
        void isRefusedForACommand(String type) {
            var head = head();
            ledger.post(EXECUTIONS, type, bytes("{\"workflow\":\"w\"}")).isProblem(415, "unsupported-media-type");
            assertThat(head()).isEqualTo(head);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\""})
        void isAnyThatMeansJsonInUtf8(String type) {
            ledger.post(EXECUTIONS, type, bytes("{\"workflow\":\"w\"}")).is(201);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "text/xml", "text/plain", "application/x-www-form-urlencoded"})
        void isRefusedForABatch(String type) {
            var head = head();
            ledger.post("/api/v1/commands", type, bytes("{\"command\":\"StartExecution\",\"workflow\":\"w\"}"))
                    .isProblem(415, "unsupported-media-type");
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isRefusedWhereTheBodyIsCompressed() {
            ledger.with("Content-Encoding", "gzip")
                    .post(EXECUTIONS, "{'workflow': 'w'}")
                    .isProblem(415, "unsupported-media-type");
            ledger.with("Content-Encoding", "gzip")
                    .post("/api/v1/commands", "[]")
                    .isProblem(415, "unsupported-media-type");
        }
    }

    @Nested
    class AQuery {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "/executions?limit=0 | /limit",
                    "/executions?limit=501 | /limit",
                    "/executions?limit=abc | /limit",
                    "/executions?limit=-1 | /limit",
                    "/executions?limit=1&limit=2 | /limit",
                    "/executions?limit= | /limit",
                    "/executions?nothing=1 | /nothing",
                    "/executions?cursor=x | /cursor",
                    "/executions?cursor=%25%25 | /cursor",
                    "/executions?sort=name | /sort",
                    "/executions?sort=%2BstartedAt | /sort",
                    "/executions?status=DONE | /status",
                    "/executions?status=running | /status",
                    "/executions?status=RUNNING&status=DONE | /status",
                    "/executions?createdAfter=yesterday | /createdAfter",
                    "/executions?endedBefore=2026-01-01 | /endedBefore",
                    "/executions?minDurationMs=-1 | /minDurationMs",
                    "/executions?maxDurationMs=1.5 | /maxDurationMs",
                    "/executions?version=x | /version",
                    "/executions?tag=env | /tag",
                    "/executions?tag=:x | /tag",
                    "/executions?parentExecutionId=x | /parentExecutionId",
                    "/executions?workflow=a&workflow=b | /workflow",
                    "/executions?q=%00 | /q",
                    "/workflows/w/executions?workflow=w | /workflow",
                    "/workflows/w/executions?limit=0 | /limit",
                    "/executions/ID?include=everything | /include",
                    "/executions/ID?limit=1 | /limit",
                    "/executions/ID/children?parentExecutionId=00000000-0000-0000-0000-000000000000 | /parentExecutionId",
                    "/executions/ID/steps?status=DONE | /status",
                    "/executions/ID/steps?limit=0 | /limit",
                    "/executions/ID/steps?cursor=x | /cursor",
                    "/executions/ID/steps?sort=name | /sort",
                    "/executions/ID/artifacts?status=RUNNING | /status",
                    "/executions/ID/checkpoints?limit=501 | /limit",
                    "/executions/ID/checkpoints/latest?limit=1 | /limit",
                    "/executions/ID/steps/s?x=1 | /x",
                    "/executions/ID/events?after=-1 | /after",
                    "/executions/ID/events?after=x | /after",
                    "/executions/ID/events?type=Nothing | /type",
                    "/executions/ID/events?cursor=x | /cursor",
                    "/steps?status=DONE | /status",
                    "/steps?startedAfter=x | /startedAfter",
                    "/artifacts?recordedAfter=x | /recordedAfter",
                    "/agents/a?limit=0 | /limit",
                    "/events?after=x | /after",
                    "/events?type=StepStarted | /type",
                    "/events?limit=501 | /limit"
                })
        void isRefusedWithABadParameter(String path, String pointer) {
            var answer = ledger.get("/api/v1" + path.replace("ID", ledger.start()));
            answer.isProblem(400, "bad-request").pointsAt(pointer);
        }

        @ParameterizedTest
        @ValueSource(strings = {"-1", "x", "1.5", "99999999999999999999"})
        void isRefusedWithABadPosition(String position) {
            ledger.with("Runledger-Min-Position", position)
                    .get(EXECUTIONS)
                    .isProblem(400, "bad-request")
                    .pointsAt("/Runledger-Min-Position");
        }

        @Test
        void isRefusedWithTheCursorOfAnotherList() {
            var id = ledger.start();
            ledger.start();
            ledger.command(of(id, "steps"), "[{'stepId': 'a'}, {'stepId': 'b'}]");
            var ofExecutions = ledger.get(EXECUTIONS + "?limit=1").text("nextCursor");
            var ofSteps = ledger.get(of(id, "steps") + "?limit=1").text("nextCursor");
            assertThat(ofExecutions).isNotBlank();
            assertThat(ofSteps).isNotBlank();
            for (var path : List.of(
                    EXECUTIONS + "?sort=createdAt&cursor=" + encoded(ofExecutions),
                    EXECUTIONS + "?sort=-durationMs&cursor=" + encoded(ofExecutions),
                    EXECUTIONS + "?cursor=" + encoded(ofSteps),
                    of(id, "steps") + "?cursor=" + encoded(ofExecutions),
                    "/api/v1/steps?cursor=" + encoded(ofSteps),
                    "/api/v1/events?cursor=" + encoded(ofSteps))) {
                ledger.get(path).isProblem(400, "bad-request").pointsAt("/cursor");
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"/executions", "/steps", "/artifacts", "/events", "/agents/a", "/workflows/w/executions"})
        void isRefusedWhereItWantsAnotherKindOfAnswer(String path) {
            for (var accept : List.of("text/html", "image/png", "application/xml")) {
                ledger.get("/api/v1" + path, accept).isProblem(406, "not-acceptable");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"DELETE", "PUT", "PATCH"})
        void isRefusedWithAnotherMethod(String method) {
            var answer = new dev.runledger.app.web.RawHttp(ledger.port()).send(method, EXECUTIONS, "", "");
            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.headers()).contains("content-type: application/problem+json");
        }
    }
}
