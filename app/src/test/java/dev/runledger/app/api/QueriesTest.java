package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.encoded;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the read side answers. */
class QueriesTest extends OverHttp {

    private static final String[] EXECUTION = {
        "executionId",
        "namespace",
        "workflow",
        "workflowVersion",
        "type",
        "status",
        "attempt",
        "version",
        "position",
        "agentId",
        "customerId",
        "externalId",
        "parentExecutionId",
        "parentStepId",
        "rootExecutionId",
        "tags",
        "metadata",
        "input",
        "output",
        "error",
        "currentState",
        "createdAt",
        "startedAt",
        "endedAt",
        "durationMs",
        "clockSkew",
        "deadlineAt",
        "iterations",
        "stepCounts",
        "artifactCount"
    };
    private static final String[] STEP = {
        "executionId",
        "stepId",
        "iteration",
        "name",
        "type",
        "order",
        "dependsOn",
        "status",
        "attempt",
        "retryCount",
        "maxRetries",
        "nextRetryAt",
        "agentId",
        "input",
        "output",
        "error",
        "startedAt",
        "endedAt",
        "durationMs",
        "clockSkew",
        "metadata"
    };
    private static final String[] ARTIFACT = {
        "artifactId",
        "executionId",
        "stepId",
        "iteration",
        "type",
        "name",
        "uri",
        "path",
        "sizeBytes",
        "contentType",
        "sha256",
        "metadata",
        "recordedAt"
    };
    private static final String[] CHECKPOINT = {
        "checkpointId", "executionId", "stepId", "iteration", "version", "state", "recordedAt"
    };

    private static String[] without(String[] names, String... payloads) {
        return Arrays.stream(names)
                .filter(name -> !List.of(payloads).contains(name))
                .toArray(String[]::new);
    }

    private static void assertNames(JsonNode object, String... names) {
        assertThat(Answer.names(object)).as(object.toString()).containsExactlyInAnyOrder(names);
    }

    /** An execution that has some of everything. */
    private String rich() {
        var id = ledger.create("""
                {'workflow': 'cost-analysis', 'workflowVersion': 3, 'type': 'cost_analysis', 'agentId': 'a1',
                 'customerId': 'c1', 'externalId': 'x1', 'tags': {'env': 'prod'}, 'metadata': {'m': 1},
                 'input': {'secret': 'payload'}, 'timeoutMs': 60000, 'occurredAt': '2026-01-01T00:00:00Z',
                 'steps': [{'stepId': 'b', 'order': 2}, {'stepId': 'a', 'order': 1, 'name': 'A', 'type': 'task',
                   'dependsOn': ['b'], 'maxRetries': 3, 'input': {'secret': 'payload'}, 'metadata': {'m': 1}},
                   {'stepId': 'c'}]}""");
        ledger.command(step(id, "a", "start"), "{'agentId': 'a2', 'occurredAt': '2026-01-01T00:00:01Z'}");
        ledger.command(
                step(id, "a", "fail"),
                "{'error': {'message': 'm', 'stackTrace': 'at payload'}, 'occurredAt': '2026-01-01T00:00:02Z'}");
        ledger.command(step(id, "a", "start"), "{'occurredAt': '2026-01-01T00:00:03Z'}");
        ledger.command(
                step(id, "a", "complete"), "{'output': {'secret': 'payload'}, 'occurredAt': '2026-01-01T00:00:04.2Z'}");
        ledger.command(
                of(id, "artifacts"), "{'stepId': 'a', 'type': 'report', 'name': 'n', 'metadata': {'s': 'payload'}}");
        ledger.command(of(id, "checkpoints"), "{'state': {'secret': 'payload'}}");
        return id;
    }

    @Nested
    class OneExecution {

        @Test
        void hasExactlyTheMembersOfItsShape() {
            var id = rich();
            var found = ledger.get(of(id)).is(200);
            assertNames(found.json(), EXECUTION);
            assertThat(found.header("Content-Type")).startsWith("application/json");
            var expected = Answer.parse(Ledger.json("""
                    {'executionId': 'ID', 'namespace': 'NS', 'workflow': 'cost-analysis', 'workflowVersion': 3,
                     'type': 'cost_analysis', 'status': 'RUNNING', 'attempt': 1, 'agentId': 'a1', 'customerId': 'c1',
                     'externalId': 'x1', 'parentExecutionId': null, 'parentStepId': null, 'rootExecutionId': 'ID',
                     'tags': {'env': 'prod'}, 'metadata': {'m': 1}, 'input': {'secret': 'payload'}, 'output': null,
                     'error': null, 'currentState': {'secret': 'payload'}, 'createdAt': '2026-01-01T00:00:00.000000Z',
                     'startedAt': '2026-01-01T00:00:00.000000Z', 'endedAt': null, 'durationMs': null,
                     'clockSkew': false, 'iterations': 1, 'stepCounts': {'COMPLETED': 1, 'PENDING': 2},
                     'artifactCount': 1, 'version': 10}""".replace("ID", id).replace("NS", namespace)));
            expected.properties()
                    .forEach(member -> assertThat(found.at(member.getKey()))
                            .as(member.getKey())
                            .isEqualTo(member.getValue()));
            assertThat(found.text("deadlineAt")).isNotBlank();
            assertThat(found.position()).isEqualTo(ledger.written());
        }

        @Test
        void bringsItsPartsWhenAsked() {
            var id = rich();
            var found = ledger.get(of(id) + "?include=steps,artifacts").is(200);
            assertThat(Answer.names(found.json())).contains(EXECUTION).contains("steps", "artifacts");
            assertThat(found.at("steps")).hasSize(3);
            assertThat(found.at("artifacts")).hasSize(1);
            assertNames(found.at("artifacts.0"), ARTIFACT);
            assertThat(ledger.get(of(id) + "?include=steps").json().has("artifacts"))
                    .isFalse();
        }

        @Test
        void bringsAThousandStepsAndACursorForTheRest() {
            var id = ledger.start();
            var steps = IntStream.range(0, 1_001)
                    .mapToObj(i -> "{'stepId': 's" + i + "'}")
                    .toList();
            ledger.command(of(id, "steps"), steps.toString());
            var found = ledger.get(of(id) + "?include=steps").is(200);
            assertThat(found.at("steps")).hasSize(1_000);
            var rest = ledger.get(of(id, "steps") + "?cursor=" + encoded(found.text("stepsCursor")));
            assertThat(rest.each("stepId")).containsExactly("s1000");
        }

        @Test
        void tellsHowFarTheReadModelIs() {
            var id = ledger.start();
            for (var path : List.of(
                    of(id),
                    of(id, "steps"),
                    of(id, "artifacts"),
                    of(id, "checkpoints"),
                    of(id, "children"),
                    of(id, "events"),
                    EXECUTIONS,
                    "/api/v1/steps",
                    "/api/v1/artifacts",
                    "/api/v1/agents/a",
                    "/api/v1/workflows/w/executions",
                    "/api/v1/events")) {
                assertThat(Long.parseLong(ledger.get(path).is(200).header("Runledger-Position")))
                        .as(path)
                        .isBetween(ledger.written(), head());
            }
        }

        @Test
        void isNotShownBeforeThePositionThatTheCallerAsksFor() {
            var id = ledger.start();
            var begin = System.nanoTime();
            ledger.with("Runledger-Min-Position", String.valueOf(head() + 1_000_000))
                    .get(of(id))
                    .isProblem(503, "behind");
            assertThat(System.nanoTime() - begin).isBetween(4_000_000_000L, 20_000_000_000L);
        }
    }

    @Nested
    class TheParts {

        @Test
        void haveExactlyTheMembersOfTheirShapesAndNoPayloads() {
            var id = rich();
            var steps = ledger.get(of(id, "steps"));
            assertThat(steps.each("stepId")).containsExactly("a", "b", "c");
            steps.items().forEach(item -> assertNames(item, without(STEP, "input", "output", "metadata")));
            var artifacts = ledger.get(of(id, "artifacts"));
            artifacts.items().forEach(item -> assertNames(item, without(ARTIFACT, "metadata")));
            var checkpoints = ledger.get(of(id, "checkpoints"));
            checkpoints.items().forEach(item -> assertNames(item, without(CHECKPOINT, "state")));
            assertNames(ledger.get(of(id, "checkpoints/latest")).json(), CHECKPOINT);
            for (var list : List.of(
                    steps,
                    artifacts,
                    checkpoints,
                    ledger.get("/api/v1/steps"),
                    ledger.get("/api/v1/artifacts"),
                    ledger.get("/api/v1/agents/a1"),
                    ledger.get(EXECUTIONS))) {
                assertThat(list.text()).doesNotContain("payload").doesNotContain("\"input\"", "\"metadata\"");
            }
            ledger.get(EXECUTIONS)
                    .items()
                    .forEach(item ->
                            assertNames(item, without(EXECUTION, "input", "output", "metadata", "currentState")));
            ledger.get("/api/v1/steps")
                    .items()
                    .forEach(item -> assertNames(item, without(STEP, "input", "output", "metadata")));
            ledger.get("/api/v1/artifacts").items().forEach(item -> assertNames(item, without(ARTIFACT, "metadata")));
        }

        @Test
        void haveTheirStackTracesOnlyWhereOneIsAskedFor() {
            var id = ledger.create("{'workflow': 'w', 'agentId': 'a'}");
            var error = "{'error': {'message': 'm', 'stackTrace': 'at payload'}}";
            ledger.command(step(id, "s", "start"), "{}");
            ledger.command(step(id, "s", "fail"), error);
            ledger.command(of(id, "fail"), error);
            for (var path : List.of(EXECUTIONS, "/api/v1/workflows/w/executions", "/api/v1/steps", of(id, "steps"))) {
                var list = ledger.get(path);
                assertThat(list.text("items.0.error.message")).as(path).isEqualTo("m");
                assertThat(list.text()).as(path).doesNotContain("payload", "stackTrace");
            }
            assertThat(ledger.get(of(id)).text("error.stackTrace")).isEqualTo("at payload");
            assertThat(ledger.get(step(id, "s")).text("items.0.error.stackTrace"))
                    .isEqualTo("at payload");
        }

        @Test
        void tellAStepWithItsIterationsAndAttempts() {
            var found = ledger.get(step(rich(), "a")).items();
            assertThat(found).hasSize(1);
            var names = new ArrayList<>(List.of(STEP));
            names.add("attempts");
            assertNames(found.getFirst(), names.toArray(String[]::new));
            assertThat(found.getFirst().path("output").path("secret").asString())
                    .isEqualTo("payload");
            assertThat(found.getFirst().path("attempt").asInt()).isEqualTo(2);
            assertThat(found.getFirst().path("retryCount").asInt()).isEqualTo(1);
            assertThat(found.getFirst().path("startedAt").asString()).isEqualTo("2026-01-01T00:00:01.000000Z");
            assertThat(found.getFirst().path("durationMs").asInt()).isEqualTo(3_200);
            var attempts = found.getFirst().path("attempts");
            assertThat(attempts.valueStream().map(a -> a.path("number").asInt()))
                    .containsExactly(1, 2);
            assertThat(attempts.valueStream().map(a -> a.path("durationMs").asInt()))
                    .containsExactly(1_000, 1_200);
            assertThat(attempts.get(0).path("agentId").asString()).isEqualTo("a2");
            assertThat(attempts.get(0).path("error").path("message").asString()).isEqualTo("m");
        }

        @Test
        void areFilteredAndPaged() {
            var id = rich();
            assertThat(ledger.get(of(id, "steps") + "?status=PENDING").each("stepId"))
                    .containsExactly("b", "c");
            assertThat(ledger.get(of(id, "steps") + "?status=PENDING&status=COMPLETED")
                            .each("stepId"))
                    .containsExactly("a", "b", "c");
            assertThat(ledger.get(of(id, "steps") + "?type=task").each("stepId"))
                    .containsExactly("a");
            assertThat(ledger.get(of(id, "steps") + "?name=A").each("stepId")).containsExactly("a");
            assertThat(ledger.get(of(id, "steps") + "?name=B").items()).isEmpty();
            assertThat(ledger.get(of(id, "artifacts") + "?type=report").items()).hasSize(1);
            assertThat(ledger.get(of(id, "artifacts") + "?name=other").items()).isEmpty();
            for (var limit : new int[] {1, 2, 3, 500}) {
                assertThat(ledger.pages(of(id, "steps"), limit).stream()
                                .map(item -> item.path("stepId").asString()))
                        .containsExactly("a", "b", "c");
            }
        }

        @Test
        void areFoundAcrossExecutions() {
            var one = rich();
            var other = ledger.create("{'workflow': 'w', 'steps': [{'stepId': 'z', 'type': 'task'}]}");
            assertThat(ledger.get("/api/v1/steps").each("stepId")).containsExactly("z", "c", "a", "b");
            assertThat(ledger.get("/api/v1/steps?type=task").each("executionId"))
                    .containsExactly(other, one);
            assertThat(ledger.get("/api/v1/steps?workflow=w").each("stepId")).containsExactly("z");
            assertThat(ledger.get("/api/v1/steps?name=A").each("executionId")).containsExactly(one);
            assertThat(ledger.get("/api/v1/steps?status=COMPLETED").each("stepId"))
                    .containsExactly("a");
            assertThat(ledger.get("/api/v1/steps?status=PENDING&workflow=cost-analysis")
                            .each("stepId"))
                    .containsExactly("c", "b");
            assertThat(ledger.get("/api/v1/steps?endedAfter=2026-01-01T00:00:04Z&endedBefore=2026-01-01T00:00:05Z")
                            .each("stepId"))
                    .containsExactly("a");
            assertThat(ledger.get("/api/v1/steps?startedBefore=2026-01-01T00:00:00Z")
                            .items())
                    .isEmpty();
            assertThat(ledger.pages("/api/v1/steps", 1).stream()
                            .map(item -> item.path("stepId").asString()))
                    .containsExactly("z", "c", "a", "b");
            ledger.command(of(other, "artifacts"), "{'type': 'log', 'name': 'l'}");
            assertThat(ledger.get("/api/v1/artifacts").each("executionId")).containsExactly(other, one);
            assertThat(ledger.get("/api/v1/artifacts?workflow=w").each("name")).containsExactly("l");
            assertThat(ledger.get("/api/v1/artifacts?type=report").each("name")).containsExactly("n");
            assertThat(ledger.get("/api/v1/artifacts?name=l&type=report").items())
                    .isEmpty();
            assertThat(ledger.get("/api/v1/artifacts?recordedAfter=2026-01-01T00:00:00Z")
                            .items())
                    .hasSize(2);
            assertThat(ledger.get("/api/v1/artifacts?recordedBefore=2026-01-01T00:00:00Z")
                            .items())
                    .isEmpty();
        }
    }

    @Nested
    class AListOfExecutions {

        private final Map<String, String> names = new HashMap<>();

        /** Five executions, which are called one to five in the order of their creation. */
        @BeforeEach
        void five() {
            create("one", """
                    'workflow': 'alpha', 'workflowVersion': 1, 'type': 't1', 'agentId': 'a1', 'customerId': 'c1',
                    'externalId': 'x1', 'tags': {'env': 'prod', 'team': 'blue'}, 'occurredAt': '2026-01-01T00:00:01Z'""");
            create("two", """
                    'workflow': 'alpha', 'workflowVersion': 2, 'type': 't2', 'agentId': 'a2', 'customerId': 'c1',
                    'tags': {'env': 'dev'}, 'occurredAt': '2026-01-01T00:00:02Z'""");
            create("three", """
                    'workflow': 'beta', 'type': 't1', 'agentId': 'a1', 'tags': {'env': 'prod', 'url': 'http://x:1'},
                    'occurredAt': '2026-01-01T00:00:03Z', 'parentExecutionId': '%s', 'parentStepId': 's'
                    """.formatted(id("one")));
            create("four", "'workflow': 'beta', 'start': false, 'occurredAt': '2026-01-01T00:00:04Z'");
            create("five", """
                    'workflow': 'gamma', 'customerId': 'c2', 'occurredAt': '2026-01-01T00:00:05Z',
                    'parentExecutionId': '%s'""".formatted(id("three")));
            ledger.command(of(id("one"), "complete"), "{'occurredAt': '2026-01-01T00:00:11Z'}");
            ledger.command(
                    of(id("two"), "fail"),
                    "{'error': {'message': 'Disk FULL 100%', 'type': 'IoError'}, 'occurredAt': '2026-01-01T00:00:04Z'}");
            ledger.command(of(id("five"), "cancel"), "{'occurredAt': '2026-01-01T00:00:06Z'}");
        }

        private void create(String name, String members) {
            names.put(ledger.create("{" + members + "}"), name);
        }

        private String id(String name) {
            return names.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }

        private String listed(List<JsonNode> items) {
            return String.join(
                    " ",
                    items.stream()
                            .map(item -> names.get(item.path("executionId").asString()))
                            .toList());
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'' | five four three two one",
                    "sort=-createdAt | five four three two one",
                    "sort=createdAt | one two three four five",
                    "sort=-startedAt | five three two one",
                    "sort=startedAt | one two three five",
                    "sort=-endedAt | one five two",
                    "sort=endedAt | two five one",
                    "sort=-durationMs | one two five",
                    "sort=durationMs | five two one",
                    "workflow=alpha | two one",
                    "workflow=alpha&version=2 | two",
                    "version=1 | one",
                    "workflow=nothing | ''",
                    "status=RUNNING | three",
                    "status=PENDING | four",
                    "status=COMPLETED&status=FAILED | two one",
                    "status=TIMED_OUT | ''",
                    "type=t1 | three one",
                    "agentId=a1 | three one",
                    "agentId=a1&status=COMPLETED | one",
                    "customerId=c1 | two one",
                    "externalId=x1 | one",
                    "tag=env:prod | three one",
                    "tag=env:prod&tag=team:blue | one",
                    "tag=env:prod&tag=env:dev | ''",
                    "tag=url:http://x:1 | three",
                    "tag=env:PROD | ''",
                    "q=disk | two",
                    "q=100%25 | two",
                    "q=ioerr | two",
                    "q=ALPH | two one",
                    "q=%25 | two",
                    "q=_ | ''",
                    "createdAfter=2026-01-01T00:00:02Z | five four three",
                    "createdBefore=2026-01-01T00:00:02Z | one",
                    "createdAfter=2026-01-01T01:00:02%2B01:00&createdBefore=2026-01-01T00:00:04Z | three",
                    "startedAfter=2026-01-01T00:00:01.5Z&startedBefore=2026-01-01T00:00:03.5Z | three two",
                    "endedAfter=2026-01-01T00:00:05Z | five one",
                    "endedBefore=2026-01-01T00:00:05Z | two",
                    "minDurationMs=2000 | two one",
                    "maxDurationMs=2000 | five two",
                    "minDurationMs=2000&maxDurationMs=2000 | two",
                    "sort=-endedAt&workflow=alpha&minDurationMs=1 | one two",
                    "sort=durationMs&status=CANCELLED | five"
                })
        void showsWhatItsFiltersLetThroughInItsOrder(String query, String expected) {
            var path = EXECUTIONS + "?" + query;
            assertThat(listed(ledger.get(path + (query.isEmpty() ? "limit=50" : "&limit=50"))
                            .items()))
                    .isEqualTo(expected);
            for (var limit : new int[] {1, 2}) {
                assertThat(listed(ledger.pages(query.isEmpty() ? EXECUTIONS : path, limit)))
                        .as("in pages of " + limit)
                        .isEqualTo(expected);
            }
        }

        @Test
        void isFilteredByParent() {
            assertThat(listed(ledger.get(EXECUTIONS + "?parentExecutionId=" + id("one"))
                            .items()))
                    .isEqualTo("three");
        }

        @Test
        void ofChildrenShowsTheirRoot() {
            assertThat(listed(ledger.get(of(id("one"), "children")).items())).isEqualTo("three");
            var child = ledger.get(of(id("three"), "children")).items().getFirst();
            assertThat(names.get(child.path("executionId").asString())).isEqualTo("five");
            assertThat(child.path("rootExecutionId").asString()).isEqualTo(id("one"));
            assertThat(ledger.get(of(id("five"))).text("rootExecutionId")).isEqualTo(id("one"));
            assertThat(ledger.get(of(id("three"))).text("parentStepId")).isEqualTo("s");
            assertThat(ledger.get(of(id("five"), "children")).items()).isEmpty();
        }

        @Test
        void ofAWorkflowTakesTheOtherFilters() {
            assertThat(listed(ledger.get("/api/v1/workflows/alpha/executions").items()))
                    .isEqualTo("two one");
            assertThat(listed(ledger.get("/api/v1/workflows/alpha/executions?status=FAILED&version=2")
                            .items()))
                    .isEqualTo("two");
            assertThat(ledger.get("/api/v1/workflows/a%2Fb/executions").items()).isEmpty();
        }

        @Test
        void goesOnWhereItWasWhenNewOnesCome() {
            var first = ledger.get(EXECUTIONS + "?limit=2");
            assertThat(listed(first.items())).isEqualTo("five four");
            create("six", "'workflow': 'w', 'occurredAt': '2026-01-01T00:00:09Z'");
            create("zero", "'workflow': 'w', 'occurredAt': '2026-01-01T00:00:00Z'");
            var rest = ledger.get(EXECUTIONS + "?limit=500&cursor=" + encoded(first.text("nextCursor")));
            assertThat(listed(rest.items())).isEqualTo("three two one zero");
        }

        @Test
        void pagesThroughOnesOfTheSameTime() {
            var ids = new ArrayList<String>();
            for (var i = 0; i < 7; i++) {
                ids.add(ledger.create("{'workflow': 'same', 'occurredAt': '2026-02-01T00:00:00Z'}"));
            }
            for (var sort : List.of("createdAt", "-createdAt", "startedAt", "-startedAt")) {
                assertThat(ledger.pages(EXECUTIONS + "?workflow=same&sort=" + sort, 2).stream()
                                .map(item -> item.path("executionId").asString()))
                        .containsExactlyInAnyOrderElementsOf(ids);
            }
        }
    }

    @Nested
    class AnAgent {

        @Test
        void isWhatItRunsTheLatestFirst() {
            var old = ledger.create("{'workflow': 'w', 'agentId': 'a/1', 'occurredAt': '2026-01-01T00:00:00Z'}");
            var current = ledger.create("{'workflow': 'w', 'agentId': 'a/1', 'occurredAt': '2026-01-02T00:00:00Z'}");
            var ended = ledger.create("{'workflow': 'w', 'agentId': 'a/1'}");
            ledger.command(of(ended, "complete"), "{}");
            ledger.command(step(current, "s", "start"), "{'agentId': 'a/1'}");
            var found = ledger.get("/api/v1/agents/a%2F1").is(200);
            assertThat(found.text("agentId")).isEqualTo("a/1");
            assertThat(found.text("current.executionId")).isEqualTo(current);
            assertThat(found.at("executions")
                            .valueStream()
                            .map(item -> item.path("executionId").asString()))
                    .containsExactly(current, old);
            assertThat(found.number("runningExecutions")).isEqualTo(2);
            assertThat(found.number("runningSteps")).isEqualTo(1);
            assertThat(ledger.get("/api/v1/agents/a%2F1?limit=1").number("runningExecutions"))
                    .isEqualTo(2);
        }

        @Test
        void isIdleWhenNobodyNamedIt() {
            var found = ledger.get("/api/v1/agents/nobody").is(200);
            assertThat(found.at("current").isNull()).isTrue();
            assertThat(found.at("executions")).isEmpty();
        }
    }

    @Nested
    class TheEvents {

        private static final String[] EVENT = {
            "position",
            "namespace",
            "executionId",
            "version",
            "eventId",
            "type",
            "revision",
            "occurredAt",
            "recordedAt",
            "payload",
            "metadata",
            "hash",
            "erased"
        };

        @Test
        void haveExactlyTheMembersOfTheirShape() {
            var id = ledger.with("X-Request-Id", "request-1")
                    .with("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    .create("{'workflow': 'w', 'commandId': 'c1', 'occurredAt': '2026-01-01T00:00:00Z'}");
            for (var event : List.of(
                    ledger.get(of(id, "events")).items().getFirst(),
                    ledger.events(id).getFirst(),
                    ledger.get("/api/v1/events").items().getFirst(),
                    ledger.get("/api/v1/events", "application/x-ndjson").lines().getFirst())) {
                assertNames(event, EVENT);
                assertThat(event.path("position").asLong()).isEqualTo(ledger.written());
                assertThat(event.path("namespace").asString()).isEqualTo(namespace);
                assertThat(event.path("executionId").asString()).isEqualTo(id);
                assertThat(event.path("version").asInt()).isEqualTo(1);
                assertThat(event.path("type").asString()).isEqualTo("ExecutionStarted");
                assertThat(event.path("revision").asInt()).isEqualTo(1);
                assertThat(event.path("occurredAt").asString()).isEqualTo("2026-01-01T00:00:00.000000Z");
                assertThat(event.path("recordedAt").asString()).matches("\\d{4}-.*T.*\\.\\d{6}Z");
                assertThat(event.path("hash").asString()).matches("[0-9a-f]{64}");
                assertThat(event.path("erased").booleanValue()).isFalse();
                assertThat(event.path("payload")).isEqualTo(Answer.parse("{\"workflow\":\"w\"}"));
                assertThat(event.path("metadata")).isEqualTo(Answer.parse(Ledger.json("""
                                {'commandId': 'c1', 'actor': 'anonymous', 'requestId': 'request-1',
                                 'traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'}""")));
            }
        }

        @Test
        void ofAnExecutionArePagedAndFiltered() {
            var id = rich();
            var all = ledger.events(id);
            assertThat(all.stream().map(event -> event.path("version").asInt()))
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            for (var limit : new int[] {1, 3, 10, 500}) {
                assertThat(ledger.pages(of(id, "events"), limit)).isEqualTo(all);
            }
            assertThat(ledger.get(of(id, "events") + "?after=8").each("version"))
                    .containsExactly("9", "10");
            assertThat(ledger.get(of(id, "events") + "?after=10").items()).isEmpty();
            assertThat(ledger.get(of(id, "events") + "?stepId=a").each("type"))
                    .containsExactly(
                            "StepScheduled",
                            "StepStarted",
                            "StepFailed",
                            "StepStarted",
                            "StepCompleted",
                            "ArtifactRecorded");
            assertThat(ledger.get(of(id, "events") + "?type=StepStarted&type=StepFailed&after=5")
                            .each("version"))
                    .containsExactly("6", "7");
            assertThat(ledger.get(of(id, "events") + "?type=StepStarted&stepId=a", "application/x-ndjson")
                            .lines())
                    .hasSize(2);
            assertThat(ledger.pages(of(id, "events") + "?type=StepStarted", 1)).hasSize(2);
        }

        @Test
        void ofTheNamespaceAreInTheOrderOfTheLog() {
            var one = rich();
            var other = rich();
            var feed = ledger.get("/api/v1/events", "application/x-ndjson");
            assertThat(feed.is(200).header("Content-Type")).startsWith("application/x-ndjson");
            var lines = feed.lines();
            assertThat(lines).hasSize(20);
            assertThat(lines.stream().map(event -> event.path("position").asLong()))
                    .isSorted()
                    .doesNotHaveDuplicates();
            var both = new ArrayList<>(ledger.events(one));
            both.addAll(ledger.events(other));
            assertThat(lines).isEqualTo(both);
            assertThat(ledger.pages("/api/v1/events", 7)).isEqualTo(lines);
            var after = lines.get(11).path("position").asLong();
            assertThat(ledger.get("/api/v1/events?after=" + after).items()).isEqualTo(lines.subList(12, 20));
            assertThat(ledger.get("/api/v1/events?after=" + after, "application/x-ndjson")
                            .lines())
                    .isEqualTo(lines.subList(12, 20));
            assertThat(ledger.get("/api/v1/events?after=" + ledger.written(), "application/x-ndjson")
                            .is(200)
                            .text())
                    .isEmpty();
        }

        @Test
        void areThereAsSoonAsTheCommandIsAnswered() {
            for (var i = 0; i < 20; i++) {
                var id = ledger.start();
                assertThat(ledger.with("Runledger-Min-Position", "0")
                                .get(of(id, "events"))
                                .items())
                        .hasSize(1);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "*/*", "application/json;q=0.5, */*;q=0.1"})
        void areJsonUnlessAskedForOtherwise(String accept) {
            var id = ledger.start();
            assertThat(ledger.get(of(id, "events"), accept).is(200).header("Content-Type"))
                    .startsWith("application/json");
        }
    }

    @Nested
    class TwoNamespaces {

        @Test
        void hasEachItsOwnExecutionWithTheSameId() {
            var id = newId();
            var other = ledger.in("other-" + namespace.substring(2));
            ledger.post(EXECUTIONS, "{'executionId': '" + id + "', 'workflow': 'here'}")
                    .is(201);
            other.get(of(id)).isProblem(404, "not-found");
            other.get(of(id, "events")).isProblem(404, "not-found");
            other.post(of(id, "complete"), "{}").isProblem(404, "unknown-execution");
            other.post(EXECUTIONS, "{'executionId': '" + id + "', 'workflow': 'there', 'agentId': 'a'}")
                    .is(201);
            other.command(of(id, "steps"), "[{'stepId': 's'}, {'stepId': 't'}]");
            other.command(of(id, "artifacts"), "{'type': 't', 'name': 'n'}");
            other.command(of(id, "checkpoints"), "{'state': 1}");
            other.command(of(id, "complete"), "{}");

            assertThat(ledger.get(of(id)).text("workflow")).isEqualTo("here");
            assertThat(ledger.get(of(id)).text("status")).isEqualTo("RUNNING");
            assertThat(other.get(of(id)).text("workflow")).isEqualTo("there");
            assertThat(other.get(of(id)).text("status")).isEqualTo("COMPLETED");
            assertThat(ledger.get(EXECUTIONS).each("workflow")).containsExactly("here");
            assertThat(other.get(EXECUTIONS).each("workflow")).containsExactly("there");
            assertThat(ledger.get(EXECUTIONS + "?workflow=there").items()).isEmpty();
            for (var path : List.of("/api/v1/steps", "/api/v1/artifacts")) {
                assertThat(ledger.get(path).items()).as(path).isEmpty();
                assertThat(other.get(path).items()).as(path).isNotEmpty();
            }
            for (var part : List.of("steps", "artifacts", "checkpoints")) {
                assertThat(ledger.get(of(id, part)).items()).as(part).isEmpty();
                assertThat(other.get(of(id, part)).items()).as(part).isNotEmpty();
            }
            assertThat(ledger.events(id)).hasSize(1);
            assertThat(other.events(id)).hasSize(8);
            assertThat(ledger.get("/api/v1/events").items()).hasSize(1);
            assertThat(other.get("/api/v1/events", "application/x-ndjson").lines())
                    .hasSize(8);
            var cursor = encoded(other.get(of(id, "steps") + "?limit=1").text("nextCursor"));
            assertThat(ledger.get(of(id, "steps") + "?cursor=" + cursor).items())
                    .isEmpty();
        }

        @Test
        void haveEachTheirOwnKeys() {
            var other = ledger.in("other-" + namespace.substring(2));
            var body = "{'workflow': 'w', 'commandId': 'k'}";
            var here = ledger.post(EXECUTIONS, body).is(201);
            var there = other.post(EXECUTIONS, body).is(201);
            assertThat(there.id()).isNotEqualTo(here.id());
        }

        @Test
        void doNotHelpAParentOverTheBorder() {
            var other = ledger.in("other-" + namespace.substring(2));
            var parent = other.start();
            var child = ledger.create("{'workflow': 'w', 'parentExecutionId': '" + parent + "'}");
            ledger.get(of(parent, "children")).isProblem(404, "not-found");
            assertThat(other.get(of(parent, "children")).items()).isEmpty();
            assertThat(ledger.get(of(child)).text("rootExecutionId")).isNotBlank();
        }

        @Test
        void areCountedInOneLog() {
            var other = ledger.in("other-" + namespace.substring(2));
            for (var i = 0; i < 3; i++) {
                ledger.start();
                other.start();
            }
            var positions = new ArrayList<Long>();
            for (var client : List.of(ledger, other)) {
                var mine = client.get("/api/v1/events").items();
                assertThat(mine).hasSize(3);
                mine.forEach(event -> positions.add(event.path("position").asLong()));
            }
            assertThat(positions).doesNotHaveDuplicates();
        }
    }
}
