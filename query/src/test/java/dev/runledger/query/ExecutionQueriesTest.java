package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionFailed;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ExecutionQueriesTest {

    private static final Instant T = Instant.parse("2026-01-01T00:00:00.000001Z");
    private static final ExecutionId PARENT =
            new ExecutionId("default", UUID.fromString("0198c0de-0000-7000-8000-000000000001"));
    private static final ExecutionId ID =
            new ExecutionId("default", UUID.fromString("0198c0de-0000-7000-8000-000000000002"));
    private static final String PATH = "/api/v1/executions/" + ID.id();

    private static ReadSide readSide;

    @BeforeAll
    static void start() throws InterruptedException {
        readSide = ReadSide.fresh();
        readSide.append(PARENT, T, new ExecutionStarted(details("parent", null, null), null));
        readSide.append(
                ID,
                T,
                new ExecutionStarted(details("cost-analysis", PARENT.id(), Map.of("env", "prod", "b", "1")), null),
                new StepStarted(
                        "a/ü 1",
                        1,
                        1,
                        "agent-7",
                        new StepDetails(
                                "Analyze",
                                "task",
                                2,
                                List.of("collect"),
                                3,
                                null,
                                null,
                                Json.of("{\"k\":1.50}"),
                                null)),
                new StepFailed("a/ü 1", 1, 1, new Failure("disk", "IO", "at x", null), null, true, T.plusSeconds(9)));
        readSide.append(
                ID,
                T.plusMillis(1200),
                new StepStarted("a/ü 1", 1, 2, null, StepDetails.NONE),
                new StepCompleted("a/ü 1", 1, 2, Json.of("{\"n\":3}")),
                new ArtifactRecorded(
                        "f1",
                        "a/ü 1",
                        1,
                        "report",
                        "costs.pdf",
                        "s3://b",
                        null,
                        52144L,
                        null,
                        null,
                        Json.of("{\"p\":4}")),
                new CheckpointRecorded("c1", null, null, Json.of("{\"cursor\":7}")),
                new CheckpointRecorded("c2", null, null, Json.of("{\"cursor\":8.10}")),
                new ExecutionAmended(tags(), Json.of("{\"x\":{\"y\":1.0}}")),
                new ExecutionFailed(new Failure("boom", "IO", "at y", Json.of("{\"code\":5}"))));
        readSide.settle();
    }

    private static Map<String, @Nullable String> tags() {
        var tags = new TreeMap<String, @Nullable String>();
        tags.put("b", null);
        tags.put("team", "x");
        return tags;
    }

    private static ExecutionDetails details(
            String workflow, @Nullable UUID parent, @Nullable Map<String, String> tags) {
        return new ExecutionDetails(
                workflow,
                3,
                "cost_analysis",
                "a1",
                "c1",
                null,
                parent,
                null,
                tags,
                null,
                Json.of("[1]"),
                null,
                60_000L);
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    @Nested
    class OneExecution {

        @Test
        void hasEveryKeyOfItsShape() {
            var answer = readSide.get(PATH);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.json().propertyNames())
                    .containsExactlyInAnyOrder(
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
                            "artifactCount");
        }

        @Test
        void tellsWhatItsEventsSaid() {
            var text = readSide.get(PATH).text();
            assertThat(text)
                    .contains("\"rootExecutionId\":\"" + PARENT.id() + "\"")
                    .contains("\"tags\":{\"env\":\"prod\",\"team\":\"x\"}")
                    .contains("\"metadata\":{\"x\":{\"y\":1.0}}")
                    .contains("\"currentState\":{\"cursor\":8.10}")
                    .contains("\"stackTrace\":\"at y\"")
                    .contains("\"createdAt\":\"2026-01-01T00:00:00.000001Z\"")
                    .contains("\"durationMs\":1200")
                    .contains("\"stepCounts\":{\"COMPLETED\":1}")
                    .contains("\"version\":10")
                    .contains("\"externalId\":null");
        }

        @Test
        void bringsItsPartsWhenAsked() {
            var json = readSide.get(PATH + "?include=steps,artifacts").json();
            assertThat(json.get("steps").get(0).get("stepId").asString()).isEqualTo("a/ü 1");
            assertThat(json.get("artifacts").get(0).get("metadata").toString()).isEqualTo("{\"p\":4}");
        }

        @Test
        void isNotFoundInAnotherNamespace() {
            var answer = readSide.getIn("other", PATH);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().get("type").asString()).isEqualTo("urn:runledger:problem:not-found");
        }
    }

    @Nested
    class ItsParts {

        @Test
        void areStepsWithoutPayloads() {
            var item = readSide.get(PATH + "/steps").items().getFirst();
            assertThat(item.has("input")).isFalse();
            assertThat(item.get("dependsOn").toString()).isEqualTo("[\"collect\"]");
            assertThat(item.get("attempt").asInt()).isEqualTo(2);
            assertThat(item.get("retryCount").asInt()).isEqualTo(1);
        }

        @Test
        void areAStepWithItsAttempts() {
            var answer = readSide.get(PATH + "/steps/a%2F%C3%BC%201");
            var step = answer.items().getFirst();
            assertThat(answer.text()).contains("\"input\":{\"k\":1.50}");
            assertThat(step.get("attempts").size()).isEqualTo(2);
            assertThat(step.get("attempts").get(0).get("status").asString()).isEqualTo("FAILED");
            assertThat(step.get("attempts").get(0).get("agentId").asString()).isEqualTo("agent-7");
            assertThat(step.get("attempts").get(1).get("status").asString()).isEqualTo("COMPLETED");
            assertThat(step.get("error").isNull()).isTrue();
        }

        @Test
        void areArtifacts() {
            assertThat(readSide.get(PATH + "/artifacts?type=report").items()).hasSize(1);
            assertThat(readSide.get(PATH + "/artifacts?type=data").items()).isEmpty();
        }

        @Test
        void areCheckpoints() {
            assertThat(readSide.get(PATH + "/checkpoints").items()).hasSize(2);
            assertThat(readSide.get(PATH + "/checkpoints/latest").text()).contains("\"state\":{\"cursor\":8.10}");
        }

        @Test
        void areChildren() {
            var items = readSide.get("/api/v1/executions/" + PARENT.id() + "/children")
                    .items();
            assertThat(items).hasSize(1);
            assertThat(items.getFirst().has("input")).isFalse();
            assertThat(items.getFirst().get("rootExecutionId").asString())
                    .isEqualTo(PARENT.id().toString());
            assertThat(items.getFirst().get("error").has("stackTrace")).isFalse();
        }

        @Test
        void areNotFoundWithoutTheirExecution() {
            var unknown = "/api/v1/executions/" + UUID.randomUUID();
            for (var part : List.of("", "/steps", "/steps/a", "/artifacts", "/checkpoints", "/children", "/events")) {
                assertThat(readSide.get(unknown + part).status()).as(part).isEqualTo(404);
            }
        }
    }

    @Nested
    class EventsOfTheLog {

        @Test
        void comeInPages() {
            var first = readSide.get(PATH + "/events?limit=4");
            assertThat(first.items()).hasSize(4);
            assertThat(first.headers()).containsEntry("Runledger-Position", "11");
            var next = first.json().get("nextCursor").asString();
            assertThat(readSide.get(PATH + "/events?limit=4&cursor=" + next).items())
                    .extracting(item -> item.get("version").asInt())
                    .containsExactly(5, 6, 7, 8);
        }

        @Test
        void areFiltered() {
            assertThat(readSide.get(PATH + "/events?type=StepStarted&type=StepFailed&stepId=a%2F%C3%BC%201")
                            .items())
                    .hasSize(3);
            assertThat(readSide.get(PATH + "/events?after=9").items()).hasSize(1);
        }

        @Test
        void comeAsLinesWithoutEnd() {
            var answer = readSide.get("/api/v1/events?after=2", "Accept", "application/x-ndjson");
            assertThat(answer.text().lines()).hasSize(9).allMatch(line -> line.startsWith("{"));
            assertThat(readSide.get(PATH + "/events", "Accept", "application/x-ndjson")
                            .text()
                            .lines())
                    .hasSize(10);
        }

        @Test
        void carryTheirContents() {
            JsonNode event = readSide.get(PATH + "/events").items().getFirst();
            assertThat(event.get("payload").get("workflow").asString()).isEqualTo("cost-analysis");
            assertThat(event.get("metadata").get("actor").asString()).isEqualTo("tests");
            assertThat(event.get("hash").asString()).hasSize(64);
        }
    }

    @Nested
    class AnAgent {

        @Test
        void showsWhatItRuns() {
            var json = readSide.get("/api/v1/agents/a1").json();
            assertThat(json.get("current").get("executionId").asString())
                    .isEqualTo(PARENT.id().toString());
            assertThat(json.get("runningExecutions").asInt()).isEqualTo(1);
        }
    }

    @Nested
    class AQuery {

        @Test
        void tellsHowFarItsRowsAre() {
            assertThat(readSide.get(PATH).headers()).containsEntry("Runledger-Position", "11");
        }

        @Test
        void waitsForThePositionThatItMustSee() {
            assertThat(readSide.get(PATH, "Runledger-Min-Position", "11").status())
                    .isEqualTo(200);
        }
    }

    @Nested
    class ABadParameter {

        private void isRefused(String uri, String pointer, String... headers) {
            var answer = readSide.get(uri, headers);
            assertThat(answer.status()).as(uri).isEqualTo(400);
            assertThat(answer.json().get("errors").get(0).get("pointer").asString())
                    .as(uri)
                    .isEqualTo(pointer);
        }

        @Test
        void isNamed() {
            var list = "/api/v1/executions";
            isRefused(list + "?limit=0", "/limit");
            isRefused(list + "?limit=501", "/limit");
            isRefused(list + "?limit=x", "/limit");
            isRefused(list + "?limit=1&limit=2", "/limit");
            isRefused(list + "?wrokflow=a", "/wrokflow");
            isRefused(list + "?at=yesterday", "/at");
            isRefused(list + "?status=running", "/status");
            isRefused(list + "?sort=name", "/sort");
            isRefused(list + "?tag=env", "/tag");
            isRefused(list + "?type=a%00b", "/type");
            isRefused(list + "?type=", "/type");
            isRefused(list + "?createdAfter=yesterday", "/createdAfter");
            isRefused(list + "?minDurationMs=-1", "/minDurationMs");
            isRefused(list + "?parentExecutionId=1-1-1-1-1", "/parentExecutionId");
            isRefused(list + "?cursor=abc", "/cursor");
            isRefused(list + "?cursor=%21", "/cursor");
            isRefused(list + "/xyz", "/executionId");
            isRefused(PATH + "?include=logs", "/include");
            isRefused(PATH + "?version=three", "/version");
            isRefused(PATH + "/steps/a%00", "/stepId");
            isRefused(PATH + "/events?type=StepExploded", "/type");
            isRefused(PATH + "/events?after=-1", "/after");
            isRefused(list, "/Runledger-Min-Position", "Runledger-Min-Position", "soon");
        }
    }
}
