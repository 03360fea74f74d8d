package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.json;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Lines.line;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Many commands in one request. */
class BatchTest extends OverHttp {

    private static final String BATCH = "/api/v1/commands";

    private static String start(String id) {
        return line("StartExecution", id, "'workflow': 'w'");
    }

    private static List<Boolean> refused(List<JsonNode> results) {
        return results.stream().map(result -> result.has("problem")).toList();
    }

    private Answer array(String body) {
        return ledger.post(BATCH, body);
    }

    private Answer ndjson(String body) {
        return ledger.post(BATCH, "application/x-ndjson", body.getBytes(StandardCharsets.UTF_8));
    }

    @Nested
    class ABatch {

        @Test
        void answersEveryLineInOrder() {
            var ids = Stream.generate(Ledger::newId).limit(20).toList();
            var lines = new ArrayList<String>();
            ids.forEach(id -> lines.add(start(id)));
            for (var i = 0; i < 10; i++) {
                for (var id : ids) {
                    lines.add(line("StartStep", id, "'stepId': 's" + i + "'"));
                }
            }
            var results = ledger.batch(lines);
            assertThat(results).hasSameSizeAs(lines);
            for (var i = 0; i < results.size(); i++) {
                var result = results.get(i);
                assertThat(result.path("line").asInt()).isEqualTo(i + 1);
                assertThat(result.path("executionId").asString()).isEqualTo(ids.get(i % 20));
                assertThat(result.path("version").asInt()).as(result.toString()).isEqualTo(i / 20 + 1);
                assertThat(result.path("unchanged").booleanValue()).isFalse();
            }
            assertThat(results.stream().map(r -> r.path("position").asLong()))
                    .doesNotHaveDuplicates()
                    .hasSize(220);
            for (var id : ids) {
                var positions = ledger.events(id).stream()
                        .map(event -> event.path("position").asLong())
                        .toList();
                assertThat(results.stream()
                                .filter(result ->
                                        result.path("executionId").asString().equals(id))
                                .map(result -> result.path("position").asLong()))
                        .containsExactlyElementsOf(positions);
            }
        }

        @Test
        void isAnArrayWhereItCameAsOne() {
            var id = newId();
            var answer = array(" [ " + start(id) + " ,\n" + line("CompleteExecution", id, "") + " ] ")
                    .is(200);
            assertThat(answer.header("Content-Type")).startsWith("application/json");
            assertThat(answer.json().isArray()).isTrue();
            assertThat(answer.json().valueStream().map(r -> r.path("version").asInt()))
                    .containsExactly(1, 2);
            assertThat(answer.json().valueStream().map(r -> r.path("line").asInt()))
                    .containsExactly(1, 2);
            assertThat(array("[]").is(200).text()).isEqualTo("[]");
            assertThat(ndjson("").is(200).text()).isEmpty();
        }

        @Test
        void countsBlankLinesAndNeedsNoLineEnd() {
            var id = newId();
            var results = ndjson("\n\r\n" + start(id) + "\r\n  \t\n\n" + line("CompleteExecution", id, ""))
                    .is(200)
                    .lines();
            assertThat(results.stream().map(r -> r.path("line").asInt())).containsExactly(3, 6);
            assertThat(refused(results)).containsExactly(false, false);
        }

        @Test
        void tellsProblemsByLine() {
            var id = newId();
            var head = head();
            var results = ledger.batch(List.of(
                    start(id),
                    "no json",
                    line("Nope", id, ""),
                    line("StartStep", id, ""),
                    line("CompleteStep", id, "'stepId': 'x'"),
                    line("CompleteExecution", id, "'expectedVersion': 7"),
                    line("CompleteExecution", newId(), ""),
                    json("{'command': 'CompleteExecution'}"),
                    "[]",
                    "{}",
                    line("CompleteExecution", id, "")));
            assertThat(results.stream()
                            .map(r -> r.path("problem").path("status").asInt()))
                    .containsExactly(0, 400, 400, 400, 409, 412, 404, 400, 400, 400, 0);
            for (var result : results.subList(1, 10)) {
                var problem = result.path("problem");
                assertThat(problem.path("type").asString()).startsWith("urn:runledger:problem:");
                for (var member : List.of("title", "detail", "instance", "requestId")) {
                    assertThat(problem.path(member).asString()).as(member).isNotBlank();
                }
            }
            assertThat(pointers(results.get(2))).containsExactly("/command");
            assertThat(pointers(results.get(3))).containsExactly("/stepId");
            assertThat(results.get(4).path("problem").path("currentStatus").asString())
                    .isEqualTo("RUNNING");
            assertThat(results.get(5).path("problem").path("currentVersion").asInt())
                    .isEqualTo(1);
            assertThat(pointers(results.get(7))).containsExactly("/executionId");
            assertThat(pointers(results.get(9))).containsExactly("/command");
            assertThat(results.stream().map(r -> r.path("line").asInt()))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, 11).boxed().toList());
            assertThat(head()).isEqualTo(head + 2);
        }

        private static List<String> pointers(JsonNode result) {
            return result.path("problem")
                    .path("errors")
                    .valueStream()
                    .map(error -> error.path("pointer").asString())
                    .toList();
        }

        @Test
        void takesEveryCommand() {
            var id = newId();
            var results = ledger.batch(List.of(
                    line("ScheduleExecution", id, "'workflow': 'w', 'steps': [{'stepId': 'a'}]"),
                    line("StartExecution", id, ""),
                    line("ScheduleStep", id, "'stepId': 'b'"),
                    line("StartStep", id, "'stepId': 'a'"),
                    line("CompleteStep", id, "'stepId': 'a', 'output': 1"),
                    line("StartStep", id, "'stepId': 'b'"),
                    line("FailStep", id, "'stepId': 'b', 'error': {'message': 'm'}"),
                    line("SkipStep", id, "'stepId': 'c'"),
                    line("StartStep", id, "'stepId': 'd'"),
                    line("CancelStep", id, "'stepId': 'd'"),
                    line("StartStep", id, "'stepId': 'e'"),
                    line("TimeOutStep", id, "'stepId': 'e'"),
                    line("RecordArtifact", id, "'type': 't', 'name': 'n'"),
                    line("RecordCheckpoint", id, "'state': 1"),
                    line("AmendExecution", id, "'tags': {'a': 'b'}"),
                    line("TimeOutExecution", id, ""),
                    line("RetryExecution", id, "'fromSteps': ['b']"),
                    line("CancelExecution", id, ""),
                    line("RetryExecution", id, "'fromSteps': ['b']"),
                    line("FailExecution", id, "'error': {'message': 'm'}"),
                    line("RetryExecution", id, "'fromSteps': ['b']"),
                    line("CompleteExecution", id, "")));
            assertThat(results).noneMatch(result -> result.has("problem"));
            assertThat(ledger.get(of(id)).text("status")).isEqualTo("COMPLETED");
            assertThat(ledger.get(of(id, "steps")).each("status"))
                    .containsExactly("COMPLETED", "SKIPPED", "SKIPPED", "CANCELLED", "TIMED_OUT");
        }

        @Test
        void goesOnAfterARefusalUnlessItIsToStop() {
            var id = newId();
            var other = newId();
            var lines = List.of(
                    start(id),
                    start(other),
                    line("CompleteStep", id, "'stepId': 'x'"),
                    line("StartStep", id, "'stepId': 'a'"),
                    line("StartStep", other, "'stepId': 'a'"),
                    line("AmendExecution", id, "'tags': {'a': 'b'}"));
            var stopped = ledger.batch("?onRefusal=stopExecution", lines);
            assertThat(refused(stopped)).containsExactly(false, false, true, true, false, true);
            assertThat(stopped.get(3).path("problem").path("type").asString())
                    .isEqualTo("urn:runledger:problem:stopped-by-earlier-refusal");
            assertThat(stopped.get(5).path("problem").path("status").asInt()).isEqualTo(409);
            assertThat(ledger.events(id)).hasSize(1);
            var again = ledger.batch(lines);
            assertThat(refused(again)).containsExactly(false, false, true, false, false, false);
            assertThat(ledger.events(id)).hasSize(3);
        }

        @Test
        void stopsAnExecutionAlsoAfterALineThatIsBad() {
            var id = newId();
            var results = ledger.batch(
                    "?onRefusal=stopExecution",
                    List.of(start(id), line("StartStep", id, "'stepId': ''"), line("StartStep", id, "'stepId': 'a'")));
            assertThat(refused(results)).containsExactly(false, true, true);
            assertThat(ledger.events(id)).hasSize(1);
        }

        @Test
        void stopsAnExecutionAlsoInLaterWindows() {
            var id = newId();
            var lines = new ArrayList<>(List.of(start(id), line("CompleteStep", id, "'stepId': 'x'")));
            IntStream.range(0, 2_500).forEach(i -> lines.add(line("StartStep", id, "'stepId': 's" + i + "'")));
            var results = ledger.batch("?onRefusal=stopExecution", lines);
            assertThat(results.stream().filter(result -> result.has("problem"))).hasSize(2_501);
            assertThat(ledger.events(id)).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"?onRefusal=", "?onRefusal=stop", "?onRefusal=StopExecution"})
        void isRefusedWithAnotherOnRefusal(String query) {
            var head = head();
            ledger.post(BATCH + query, "[" + start(newId()) + "]")
                    .isProblem(400, "bad-request")
                    .pointsAt("/onRefusal");
            assertThat(head()).isEqualTo(head);
        }

        @ParameterizedTest
        @CsvSource({"Idempotency-Key, k, /commandId", "If-Match, '\"1\"', /expectedVersion"})
        void isRefusedWithAHeaderThatMeansOneCommand(String header, String value, String pointer) {
            var head = head();
            ledger.with(header, value)
                    .post(BATCH, "[" + start(newId()) + "]")
                    .isProblem(400, "bad-request")
                    .pointsAt(pointer);
            ledger.with(header, value)
                    .post(BATCH, "application/x-ndjson", start(newId()).getBytes(StandardCharsets.UTF_8))
                    .isProblem(400, "bad-request")
                    .pointsAt(pointer);
            assertThat(head()).isEqualTo(head);
        }
    }

    @Nested
    class AnArrayThatIsBroken {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "[A, B",
                    "[A, B,",
                    "[A, B,]",
                    "[A, B}",
                    "[A, B] C",
                    "[A, B, ",
                    "[A, B, x]",
                    "[A, B, x, C]",
                    "[A, B, {\"command\"]",
                    "[A, B,, C]",
                    "[A, B, {\"command\": ]"
                })
        void endsWithOneProblem(String text) {
            var a = newId();
            var b = newId();
            var c = newId();
            var body = text.replaceFirst("A", start(a))
                    .replaceFirst("B(?=[^\"]|$)", start(b))
                    .replaceFirst("C$|C(?=])", start(c));
            var answer = array(body).is(200);
            var results = answer.json().valueStream().toList();
            assertThat(results.getLast().path("problem").path("status").asInt())
                    .as(answer.text())
                    .isEqualTo(400);
            var cut = text.equals("[A, B") || text.equals("[A, B}");
            assertThat(refused(results))
                    .as(answer.text())
                    .isEqualTo(cut ? List.of(false, true) : List.of(false, false, true));
            assertThat(ledger.events(a)).hasSize(1);
            ledger.get(of(c)).isProblem(404, "not-found");
        }

        @ParameterizedTest
        @ValueSource(strings = {"{}", "7", "null", "x", "\"[]\"", ""})
        void isRefusedWhereItIsNone(String body) {
            array(body).isProblem(400, "bad-request").pointsAt("");
        }

        @Test
        void isNoTroubleWhereAnItemIsJsonButNoCommand() {
            var id = newId();
            var results = array("[7, null, [1, [2]], \"]\", {\"a\": \"],[\"}, " + start(id) + "]")
                    .is(200)
                    .json()
                    .valueStream()
                    .toList();
            assertThat(refused(results)).containsExactly(true, true, true, true, true, false);
        }
    }

    @Nested
    class SayingItTwice {

        @Test
        void endsInTheSameHistoryWhereverItWasCut() {
            List<String> whole = null;
            for (var cut = 0; cut <= Lines.eventfulRun("").size(); cut++) {
                var lines = Lines.eventfulRun(newId());
                var id = Answer.parse(lines.getFirst()).path("executionId").asString();
                if (cut > 0) {
                    assertThat(ledger.batch(lines.subList(0, cut))).noneMatch(result -> result.has("problem"));
                }
                var results = ledger.batch(lines);
                assertThat(results).as("cut at " + cut).noneMatch(result -> result.has("problem"));
                for (var i = 0; i < lines.size(); i++) {
                    assertThat(results.get(i).path("unchanged").booleanValue())
                            .as("cut at %s: %s", cut, lines.get(i))
                            .isEqualTo(i < cut);
                }
                var history = ledger.history(id).stream()
                        .map(event -> event.replaceAll("\"(checkpoint|artifact)Id\":\"[^\"]*\"", ""))
                        .toList();
                whole = whole == null ? history : whole;
                assertThat(history).as("cut at " + cut).isEqualTo(whole);
            }
        }

        @Test
        void isUnchangedWithoutCommandIdsForFirstAttempts() {
            var id = newId();
            var lines = List.of(
                    start(id),
                    line("ScheduleStep", id, "'stepId': 'a', 'maxRetries': 3, 'input': {'x': 1}"),
                    line("StartStep", id, "'stepId': 'a', 'input': {'x': 1}"),
                    line("CompleteStep", id, "'stepId': 'a', 'output': {'x': 1}"),
                    line("SkipStep", id, "'stepId': 'b'"),
                    line("RecordArtifact", id, "'type': 't', 'name': 'n'"),
                    line("CompleteExecution", id, "'output': 1"));
            assertThat(ledger.batch(lines)).noneMatch(r -> r.path("unchanged").asBoolean(true));
            var head = head();
            assertThat(ledger.batch(lines)).allMatch(r -> r.path("unchanged").asBoolean(false));
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isUnchangedAlsoWithinOneBatch() {
            var id = newId();
            var results = ledger.batch(List.of(
                    start(id),
                    start(id),
                    line("StartStep", id, "'stepId': 'a'"),
                    line("StartStep", id, "'stepId': 'a'")));
            assertThat(results.stream().map(r -> r.path("unchanged").booleanValue()))
                    .containsExactly(false, true, false, true);
            assertThat(results.stream().map(r -> r.path("version").asInt())).containsExactly(1, 1, 2, 2);
        }
    }

    @Nested
    class ManyLines {

        private static final int LINES = 20_000;

        /** Sends everything before it reads anything: a server that waits for its answer to be read would hang. */
        @Test
        @Timeout(100)
        void areTakenFromAClientThatReadsNothingUntilItHasSentAll() throws Exception {
            var ids = Stream.generate(Ledger::newId).limit(40).toList();
            var body = new StringBuilder();
            for (var i = 0; i < LINES; i++) {
                var id = ids.get(i % ids.size());
                body.append(i < ids.size() ? start(id) : line("StartStep", id, "'stepId': 's" + i / ids.size() + "'"))
                        .append('\n');
            }
            var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            try (var socket = new Socket()) {
                socket.setReceiveBufferSize(4_096);
                socket.connect(new java.net.InetSocketAddress("127.0.0.1", ledger.port()));
                socket.setSoTimeout(60_000);
                var out = new BufferedOutputStream(socket.getOutputStream());
                out.write(("POST " + BATCH + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                + "Content-Type: application/x-ndjson\r\nRunledger-Namespace: " + namespace
                                + "\r\nContent-Length: " + bytes.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(bytes);
                out.flush();
                var in = new BufferedReader(new InputStreamReader(
                        new BufferedInputStream(socket.getInputStream()), StandardCharsets.UTF_8));
                assertThat(in.readLine()).contains(" 200 ");
                var results = in.lines()
                        .filter(text -> text.startsWith("{"))
                        .map(Answer::parse)
                        .toList();
                assertThat(results).hasSize(LINES);
                Map<String, Integer> versions = new HashMap<>();
                for (var i = 0; i < LINES; i++) {
                    var result = results.get(i);
                    assertThat(result.path("line").asInt()).isEqualTo(i + 1);
                    assertThat(result.path("version").asInt())
                            .as(result.toString())
                            .isEqualTo(versions.merge(result.path("executionId").asString(), 1, Integer::sum));
                }
            }
            assertThat(ledger.events(ids.getFirst())).hasSize(LINES / ids.size());
        }
    }
}
