package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.encoded;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the read side answers of the past, and what changed since. */
class PastTest extends OverHttp {

    private static final String[] PARTS = {
        "", "/steps", "/steps/extract", "/artifacts", "/checkpoints", "/checkpoints/latest"
    };

    /** An execution of eight events: a step that fails once, an artifact, a checkpoint, an end. */
    private String run() {
        var id = ledger.create("{'workflow': 'etl', 'tags': {'env': 'prod'}, 'occurredAt': '2026-01-01T00:00:00Z'}");
        ledger.command(step(id, "extract", "start"), "{'maxRetries': 1, 'occurredAt': '2026-01-01T00:00:01Z'}");
        ledger.command(
                step(id, "extract", "fail"),
                "{'error': {'type': 'IO', 'message': 'disk full'}, 'occurredAt': '2026-01-01T00:00:02Z'}");
        ledger.command(step(id, "extract", "start"), "{'occurredAt': '2026-01-01T00:00:02.100Z'}");
        ledger.command(
                step(id, "extract", "complete"),
                "{'output': {'rows': 1830212}, 'occurredAt': '2026-01-01T00:00:02.200Z'}");
        ledger.command(
                of(id, "artifacts"),
                "{'stepId': 'extract', 'type': 'table', 'name': 'orders', 'uri': 's3://lake/orders',"
                        + " 'occurredAt': '2026-01-01T00:00:02.300Z'}");
        ledger.command(of(id, "checkpoints"), "{'state': {'cursor': 7}, 'occurredAt': '2026-01-01T00:00:02.400Z'}");
        ledger.command(of(id, "complete"), "{'output': {'ok': true}, 'occurredAt': '2026-01-01T00:00:03Z'}");
        return id;
    }

    private String recordedAt(String id, int version) {
        return ledger.events(id).get(version - 1).path("recordedAt").asString();
    }

    @Nested
    class AnExecutionOfThePast {

        @Test
        void isShownAsItWasAtAVersion() {
            var id = run();
            var then = ledger.get(of(id) + "?version=3&include=steps,artifacts").is(200);
            assertThat(then.text("status")).isEqualTo("RUNNING");
            assertThat(then.version()).isEqualTo(3);
            assertThat(then.text("steps.0.status")).isEqualTo("RETRYING");
            assertThat(then.text("steps.0.error.message")).isEqualTo("disk full");
            assertThat(then.at("artifacts")).isEmpty();
            assertThat(then.number("asOf.version")).isEqualTo(3);
            assertThat(then.number("asOf.position")).isEqualTo(then.position());
            assertThat(then.text("asOf.recordedAt")).isEqualTo(recordedAt(id, 3));
            assertThat(Long.parseLong(then.header("Runledger-Position"))).isGreaterThanOrEqualTo(ledger.written());
        }

        @Test
        void isShownAsItWasKnownAtATime() {
            var id = run();
            for (var version = 1; version <= 8; version++) {
                var byVersion = ledger.get(of(id) + "?version=" + version).is(200);
                var byTime =
                        ledger.get(of(id) + "?at=" + recordedAt(id, version)).is(200);
                assertThat(byTime.text()).isEqualTo(byVersion.text());
            }
            assertThat(ledger.get(of(id) + "?at=9999-12-31T23:59:59.999999Z").version())
                    .isEqualTo(8);
        }

        @Test
        void isShownByItsExecutorsClocksWhenAsked() {
            var id = run();
            var at = of(id) + "?clock=occurred&at=2026-01-01T00:00:02";
            assertThat(ledger.get(at + "Z").version()).isEqualTo(3);
            assertThat(ledger.get(at + ".099999Z").version()).isEqualTo(3);
            assertThat(ledger.get(at + ".100Z").version()).isEqualTo(4);
            assertThat(ledger.get(of(id) + "?clock=recorded&at=2026-01-01T00:00:02Z")
                            .status())
                    .isEqualTo(404);
        }

        @Test
        void leavesOutWhatOccurredLaterAlsoWhereItWasSaidEarlier() {
            var id = ledger.create("{'workflow': 'w', 'occurredAt': '2026-01-01T00:00:00Z'}");
            ledger.command(of(id, "amend"), "{'tags': {'a': 'late'}, 'occurredAt': '2026-01-01T00:00:09Z'}");
            ledger.command(of(id, "amend"), "{'tags': {'b': 'early'}, 'occurredAt': '2026-01-01T00:00:05Z'}");
            var then = ledger.get(of(id) + "?clock=occurred&at=2026-01-01T00:00:05Z");
            assertThat(then.at("tags").toString()).isEqualTo("{\"b\":\"early\"}");
            assertThat(then.version()).isEqualTo(3);
        }

        @Test
        void hasTheListsOfItsPartsAsTheyWere() {
            var id = run();
            assertThat(ledger.get(of(id, "steps") + "?version=2&status=RUNNING").each("stepId"))
                    .containsExactly("extract");
            assertThat(ledger.get(of(id, "steps") + "?version=5&status=RUNNING").items())
                    .isEmpty();
            assertThat(ledger.get(of(id, "steps/extract") + "?version=4").at("items.0.attempts"))
                    .hasSize(2);
            assertThat(ledger.get(of(id, "artifacts") + "?version=5").items()).isEmpty();
            assertThat(ledger.get(of(id, "artifacts") + "?version=6&type=table").each("name"))
                    .containsExactly("orders");
            assertThat(ledger.get(of(id, "checkpoints") + "?version=7").items()).hasSize(1);
            assertThat(ledger.get(of(id, "checkpoints/latest") + "?version=7").number("state.cursor"))
                    .isEqualTo(7);
            for (var part : PARTS) {
                assertThat(ledger.get(of(id) + part + "?version=8").number("asOf.version"))
                        .as(part)
                        .isEqualTo(8);
                assertThat(ledger.get(of(id) + part).json().has("asOf"))
                        .as(part)
                        .isFalse();
            }
        }

        @Test
        void hasPagesThatGoOnWhereThoseOfThePresentEnd() {
            var id = ledger.start();
            var steps = IntStream.range(0, 7)
                    .mapToObj(i -> "{'stepId': 's" + i + "'" + (i % 2 == 0 ? ", 'order': " + (9 - i) : "") + "}")
                    .toList();
            ledger.command(of(id, "steps"), steps.toString());
            ledger.command(step(id, "s1", "start"), "{}");
            var present = ledger.pages(of(id, "steps"), 2).stream()
                    .map(item -> item.path("stepId").asString())
                    .toList();
            var past = ledger.pages(of(id, "steps") + "?version=8", 2).stream()
                    .map(item -> item.path("stepId").asString())
                    .toList();
            assertThat(past).isEqualTo(present).containsExactly("s6", "s4", "s2", "s0", "s1", "s3", "s5");
            var cursor = encoded(ledger.get(of(id, "steps") + "?limit=3").text("nextCursor"));
            assertThat(ledger.get(of(id, "steps") + "?version=8&cursor=" + cursor)
                            .each("stepId"))
                    .containsExactly("s0", "s1", "s3", "s5");
            ledger.get(of(id, "artifacts") + "?version=8&cursor=" + cursor)
                    .isProblem(400, "bad-request")
                    .pointsAt("/cursor");
        }

        @Test
        void hasTheRootThatWasKnownThen() {
            var grandparent = newId();
            var parent = ledger.create("{'workflow': 'w', 'parentExecutionId': '" + grandparent + "'}");
            var child = ledger.create("{'workflow': 'w', 'parentExecutionId': '" + parent + "'}");
            assertThat(ledger.get(of(child) + "?version=1").text("rootExecutionId"))
                    .isEqualTo(grandparent);
            var root = newId();
            ledger.create(
                    "{'workflow': 'w', 'executionId': '" + grandparent + "', 'parentExecutionId': '" + root + "'}");
            ledger.command(of(child, "amend"), "{'tags': {'a': 'b'}}");
            assertThat(ledger.get(of(child)).text("rootExecutionId")).isEqualTo(root);
            assertThat(ledger.get(of(child) + "?version=2").text("rootExecutionId"))
                    .isEqualTo(root);
            assertThat(ledger.get(of(child) + "?version=1").text("rootExecutionId"))
                    .isEqualTo(grandparent);
            assertThat(ledger.get(of(child) + "?at=" + recordedAt(child, 1)).text("rootExecutionId"))
                    .isEqualTo(grandparent);
            assertThat(ledger.get(of(child) + "?at=" + recordedAt(grandparent, 1))
                            .text("rootExecutionId"))
                    .isEqualTo(root);
        }

        @Test
        void isMissingBeforeItsFirstEventAndBehindItsLast() {
            var id = run();
            for (var part : PARTS) {
                for (var moment : List.of(
                        "version=9",
                        "version=0",
                        "at=2020-01-01T00:00:00Z",
                        "at=2020-01-01T00:00:00Z&clock=occurred")) {
                    ledger.get(of(id) + part + "?" + moment).isProblem(404, "not-found");
                }
                ledger.get(of(newId()) + part + "?version=1").isProblem(404, "not-found");
                ledger.in("another-" + namespace)
                        .get(of(id) + part + "?version=1")
                        .isProblem(404, "not-found");
            }
            ledger.get(of(id, "steps/extract") + "?version=1").isProblem(404, "not-found");
            ledger.get(of(id, "checkpoints/latest") + "?version=6").isProblem(404, "not-found");
        }

        @Test
        void isGoneOnceErased() {
            var id = run();
            ledger.get(of(id) + "?version=2").is(200);
            erase(id);
            for (var part : PARTS) {
                for (var moment : List.of("version=2", "version=9", "at=" + "2099-01-01T00:00:00Z")) {
                    ledger.get(of(id) + part + "?" + moment).isProblem(410, "erased");
                }
            }
            ledger.get(of(id, "diff") + "?from=1&to=2").isProblem(410, "erased");
            ledger.get(of(id, "diff") + "?with=" + ledger.start()).isProblem(410, "erased");
            ledger.get(of(ledger.start(), "diff") + "?with=" + id).isProblem(410, "erased");
        }

        @ParameterizedTest
        @CsvSource({
            "version=1&at=2026-01-01T00:00:00Z, /at",
            "clock=occurred, /clock",
            "version=1&clock=occurred, /clock",
            "at=2026-01-01T00:00:00Z&clock=wall, /clock",
            "version=-1, /version",
            "version=x, /version",
            "version=1&version=2, /version",
            "version=, /version",
            "at=yesterday, /at",
            "at=2026-01-01, /at",
            "at=10000-01-01T00:00:00Z, /at",
            "asOf=1, /asOf",
            "from=1, /from"
        })
        void isRefusedWhereItsMomentMakesNoSense(String moment, String pointer) {
            var id = ledger.start();
            for (var part : PARTS) {
                ledger.get(of(id) + part + "?" + moment)
                        .isProblem(400, "bad-request")
                        .pointsAt(pointer);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"events"})
        void hasNoPastOfWhatHasNone(String part) {
            var id = ledger.start();
            ledger.get(of(id, part) + "?at=2026-01-01T00:00:00Z")
                    .isProblem(400, "bad-request")
                    .pointsAt("/at");
        }
    }

    @Nested
    class TheFleetOfThePast {

        private String position(long position) {
            return ledger.events(first).stream()
                    .filter(event -> event.path("position").asLong() == position)
                    .findFirst()
                    .orElseThrow()
                    .path("recordedAt")
                    .asString();
        }

        private String first = "";

        @Test
        void showsWhatStoodWhereThen() {
            first = ledger.create("{'workflow': 'w', 'agentId': 'a', 'externalId': 'x'}");
            var second = ledger.create("{'workflow': 'v', 'start': false}");
            var amended =
                    ledger.command(of(first, "amend"), "{'tags': {'a': 'b'}}").position();
            ledger.command(of(first, "complete"), "{}");
            ledger.command(of(second, "start"), "{}");
            var at = EXECUTIONS + "?at=" + position(amended);
            var then = ledger.get(at);
            assertThat(then.each("executionId")).containsExactly(second, first);
            assertThat(then.each("status")).containsExactly("PENDING", "RUNNING");
            assertThat(Answer.names(then.at("items.0")))
                    .containsExactlyInAnyOrder(
                            "executionId",
                            "namespace",
                            "workflow",
                            "workflowVersion",
                            "type",
                            "status",
                            "statusSince",
                            "agentId",
                            "customerId",
                            "externalId",
                            "parentExecutionId",
                            "parentStepId",
                            "createdAt");
            assertThat(then.number("asOf.position")).isEqualTo(amended);
            assertThat(then.text("asOf.recordedAt")).isEqualTo(position(amended));
            assertThat(ledger.get(at + "&status=RUNNING").each("executionId")).containsExactly(first);
            assertThat(ledger.get(at + "&status=RUNNING&status=PENDING").items())
                    .hasSize(2);
            assertThat(ledger.get(at + "&status=COMPLETED").items()).isEmpty();
            for (var filter : List.of(
                    "workflow=w", "agentId=a", "externalId=x", "createdBefore=2099-01-01T00:00:00Z&workflow=w")) {
                assertThat(ledger.get(at + "&" + filter).each("executionId")).containsExactly(first);
            }
            assertThat(ledger.get("/api/v1/workflows/v/executions?at=" + position(amended))
                            .each("executionId"))
                    .containsExactly(second);
            assertThat(ledger.get(EXECUTIONS + "?at=2099-01-01T00:00:00Z").each("status"))
                    .containsExactly("RUNNING", "COMPLETED");
            assertThat(ledger.get(EXECUTIONS + "?at=2020-01-01T00:00:00Z").items())
                    .isEmpty();
            erase(first);
            assertThat(ledger.with("Runledger-Min-Position", String.valueOf(head()))
                            .get(at)
                            .each("executionId"))
                    .containsExactly(second);
        }

        @Test
        void hasPages() {
            var ids = IntStream.range(0, 7).mapToObj(i -> ledger.start()).toList();
            assertThat(ledger.pages(EXECUTIONS + "?at=2099-01-01T00:00:00Z&status=RUNNING", 2).stream()
                            .map(item -> item.path("executionId").asString()))
                    .containsExactlyElementsOf(ids.reversed());
            ledger.get(EXECUTIONS + "?at=2099-01-01T00:00:00Z&cursor=x")
                    .isProblem(400, "bad-request")
                    .pointsAt("/cursor");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "tag=a:b",
                    "q=x",
                    "startedAfter=2026-01-01T00:00:00Z",
                    "startedBefore=2026-01-01T00:00:00Z",
                    "endedAfter=2026-01-01T00:00:00Z",
                    "endedBefore=2026-01-01T00:00:00Z",
                    "minDurationMs=1",
                    "maxDurationMs=1",
                    "sort=createdAt"
                })
        void isNotSelectedByWhatChanges(String parameter) {
            ledger.get(EXECUTIONS + "?at=2026-01-01T00:00:00Z&" + parameter)
                    .isProblem(400, "bad-request")
                    .pointsAt("/" + parameter.substring(0, parameter.indexOf('=')));
        }
    }

    @Nested
    class ADiff {

        private String text(String path) {
            var answer = ledger.get(path, "text/plain").is(200);
            assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=UTF-8");
            return answer.text();
        }

        @Test
        void isAPatchFromOneVersionToAnother() {
            var id = run();
            var patch = ledger.get(of(id, "diff") + "?from=4&to=5", "application/json-patch+json")
                    .is(200);
            assertThat(patch.header("Content-Type")).startsWith("application/json-patch+json");
            assertThat(patch.json()
                            .valueStream()
                            .map(operation -> operation.path("op").asString() + " "
                                    + operation.path("path").asString() + " " + operation.path("value")))
                    .contains(
                            "replace /version 5",
                            "replace /asOf/version 5",
                            "remove /stepCounts/RUNNING ",
                            "add /stepCounts/COMPLETED 1",
                            "replace /steps/0/status \"COMPLETED\"",
                            "replace /steps/0/durationMs 1200");
            var asJson = ledger.get(of(id, "diff") + "?from=4&to=5");
            assertThat(asJson.header("Content-Type")).startsWith("application/json");
            assertThat(asJson.text()).isEqualTo(patch.text());
            assertThat(ledger.get(of(id, "diff") + "?from=5&to=5").text()).isEqualTo("[]");
            assertThat(ledger.get(of(id, "diff") + "?from=" + recordedAt(id, 4) + "&to=" + recordedAt(id, 5))
                            .text())
                    .isEqualTo(patch.text());
            assertThat(ledger.get(of(id, "diff")
                                    + "?clock=occurred&from=2026-01-01T00:00:02.1Z&to=2026-01-01T00:00:02.2Z")
                            .text()
                            .replace(
                                    ",{\"op\":\"replace\",\"path\":\"/asOf/at\",\"value\":\"2026-01-01T00:00:02.200000Z\"}",
                                    ""))
                    .isEqualTo(patch.text());
        }

        @Test
        void isATextForPeople() {
            var id = run();
            assertThat(text(of(id, "diff") + "?from=2&to=8").lines().skip(1))
                    .containsExactly(
                            "execution: RUNNING -> COMPLETED, duration 3.0 s, output added {\"ok\":true}",
                            "step extract (iteration 1): RUNNING -> COMPLETED, attempt 1 -> 2, duration 1.2 s,"
                                    + " output added {\"rows\":1830212}",
                            "artifact orders (table) at s3://lake/orders, of step extract (iteration 1)",
                            ledger.get(of(id, "checkpoints"))
                                    .each("checkpointId")
                                    .getFirst()
                                    .transform(checkpoint -> "checkpoint " + checkpoint + " {\"cursor\":7}"));
            assertThat(text(of(id, "diff") + "?from=3&to=2").lines())
                    .containsExactly(
                            "from version 3 (" + recordedAt(id, 3) + ") to version 2 (" + recordedAt(id, 2) + ")",
                            "step extract (iteration 1): RETRYING -> RUNNING, error removed");
        }

        @Test
        void comparesTwoExecutionsStepByStep() {
            var one = run();
            var other = ledger.create("{'workflow': 'etl', 'occurredAt': '2026-01-01T00:00:00Z'}");
            ledger.command(step(other, "extract", "start"), "{'occurredAt': '2026-01-01T00:00:00Z'}");
            ledger.command(
                    step(other, "extract", "complete"),
                    "{'output': {'rows': 1830212.0}, 'occurredAt': '2026-01-01T00:00:02Z'}");
            ledger.command(step(other, "load", "start"), "{}");
            var found = ledger.get(of(one, "diff") + "?with=" + other).is(200);
            assertThat(found.text("one.executionId")).isEqualTo(one);
            assertThat(found.text("other.executionId")).isEqualTo(other);
            assertThat(found.text("one.status")).isEqualTo("COMPLETED");
            assertThat(found.number("one.asOf.version")).isEqualTo(8);
            assertThat(found.at("outputChanged").booleanValue()).isTrue();
            assertThat(found.at("steps")).hasSize(2);
            assertThat(found.at("steps.0").toString())
                    .isEqualTo(Ledger.json("{'stepId':'extract','iteration':1,"
                            + "'one':{'status':'COMPLETED','attempts':2,'durationMs':1200},"
                            + "'other':{'status':'COMPLETED','attempts':1,'durationMs':2000},"
                            + "'changed':true,'outputChanged':false,'durationDeltaMs':800}"));
            assertThat(found.at("steps.1.one").isNull()).isTrue();
            assertThat(text(of(one, "diff") + "?with=" + other).lines())
                    .containsExactly(
                            one + " beside " + other,
                            "execution: COMPLETED | RUNNING, output changed",
                            "step extract (iteration 1): attempts 2 | 1, duration +800 ms",
                            "step load (iteration 1): only in the other, RUNNING");
        }

        @Test
        void isRefusedWhereItWouldBeTooLarge() {
            var id = ledger.start();
            var steps = IntStream.range(0, 1_001)
                    .mapToObj(i -> "{'stepId': 's" + i + "'}")
                    .toList();
            ledger.command(of(id, "steps"), steps.toString());
            ledger.get(of(id, "diff") + "?from=1&to=1002").isProblem(422, "too-large");
            ledger.get(of(id, "diff") + "?from=1&to=1001").is(200);
            assertThat(text(of(id, "diff") + "?from=1&to=1002").lines()).hasSize(1_002);
            ledger.get(of(id, "diff") + "?with=" + ledger.start()).isProblem(422, "too-large");
            ledger.get(of(ledger.start(), "diff") + "?with=" + id, "text/plain").isProblem(422, "too-large");
        }

        @ParameterizedTest
        @CsvSource({
            "'', /from",
            "from=1, /to",
            "to=1, /from",
            "clock=occurred, /from",
            "from=1&to=2&clock=occurred, /clock",
            "from=1&to=2026-01-01T00:00:00Z&clock=recorded, /clock",
            "from=x&to=1, /from",
            "from=1&to=x, /to",
            "from=-1&to=1, /from",
            "from=1&to=1&at=2026-01-01T00:00:00Z, /at",
            "with=x, /with",
            "with=0198c0de-0000-7000-8000-000000000042&from=1, /from",
            "with=0198c0de-0000-7000-8000-000000000042&to=1, /to",
            "with=0198c0de-0000-7000-8000-000000000042&clock=occurred, /clock"
        })
        void isRefusedWhereItMakesNoSense(String parameters, String pointer) {
            var path = of(ledger.start(), "diff") + (parameters.isEmpty() ? "" : "?" + parameters);
            for (var accept : List.of("application/json", "text/plain")) {
                ledger.get(path, accept).isProblem(400, "bad-request").pointsAt(pointer);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"from=1&to=9", "from=0&to=1", "from=1&to=2020-01-01T00:00:00Z"})
        void ofAVersionThatIsMissingIsMissing(String parameters) {
            ledger.get(of(run(), "diff") + "?" + parameters).isProblem(404, "not-found");
        }

        @Test
        void withAnExecutionThatIsMissingIsMissing() {
            ledger.get(of(ledger.start(), "diff") + "?with=" + newId()).isProblem(404, "not-found");
            ledger.get(of(newId(), "diff") + "?with=" + ledger.start()).isProblem(404, "not-found");
        }
    }
}
