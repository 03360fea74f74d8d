package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Pages of things that are large each: they end at about 8 MiB, with a cursor. */
class HeavyPagesTest {

    private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
    private static final int EACH = 900_000;
    private static final int MOST = 10_000_000;
    private static final Random RANDOM = new Random(1);

    /** What becomes of {@code [1e-6,1e-6,…]} in a command of 1 MiB. It compresses as well as anything does. */
    private static final Json WRITTEN_OUT = Json.of("[0.000001" + ",0.000001".repeat(195_000) + "]");

    private static ReadSide readSide;
    private static ExecutionId id;
    private static String path;

    @BeforeAll
    static void fill() throws InterruptedException {
        readSide = ReadSide.fresh();
        id = new ExecutionId("default", new UUID(1, 1));
        path = "/api/v1/executions/" + id.id();
        readSide.append(id, T, new ExecutionStarted(ExecutionDetails.NONE, null));
        for (var i = 0; i < 20; i++) {
            readSide.append(
                    id,
                    T,
                    new ArtifactRecorded(
                            "f" + i,
                            null,
                            null,
                            "t",
                            "n",
                            null,
                            "/p",
                            null,
                            null,
                            null,
                            Json.of("{\"a\":" + noise() + "}")));
        }
        for (var iteration = 1; iteration <= 12; iteration++) {
            readSide.append(
                    id,
                    T,
                    new StepStarted("a", iteration, 1, null, StepDetails.NONE),
                    new StepCompleted("a", iteration, 1, Json.of(noise())));
        }
        for (var attempt = 1; attempt <= 20; attempt++) {
            readSide.append(
                    id,
                    T,
                    new StepStarted("b", 2, attempt, null, StepDetails.NONE),
                    new StepFailed("b", 2, attempt, new Failure("no", "IO", null, Json.of(noise())), null, true, null));
        }
        readSide.append(id, T, new StepStarted("b", 1, 1, null, StepDetails.NONE));
        readSide.append(id, T, new StepStarted("b", 3, 1, null, StepDetails.NONE));
        for (var i = 0; i < 20; i++) {
            var details = new StepDetails(
                    null, "wide", null, List.of(noise().substring(1, EACH)), null, null, null, null, null);
            readSide.append(id, T, new StepStarted("d" + i, 1, 1, null, details));
        }
        for (var iteration = 1; iteration <= 12; iteration++) {
            readSide.append(
                    id,
                    T,
                    new StepStarted("c", iteration, 1, null, StepDetails.NONE),
                    new StepCompleted("c", iteration, 1, WRITTEN_OUT));
        }
        readSide.settle();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private static String noise() {
        var text = new StringBuilder(EACH).append('"');
        RANDOM.ints(EACH - 2, 'A', 'A' + 26).forEach(text::appendCodePoint);
        return text.append('"').toString();
    }

    private record Walk(List<JsonNode> items, int pages) {}

    private static Walk walk(String uri) {
        var items = new ArrayList<JsonNode>();
        var pages = 0;
        for (var cursor = ""; ; pages++) {
            var page = readSide.get(uri + cursor);
            assertThat(page.text().length()).isLessThan(MOST);
            items.addAll(page.items());
            var next = page.json().get("nextCursor");
            if (next.isNull()) {
                return new Walk(items, pages + 1);
            }
            cursor = "&cursor=" + next.asString();
        }
    }

    @Nested
    class APageEndsWhereItGetsLong {

        @ParameterizedTest
        @ValueSource(strings = {"", "&version=107"})
        void ofArtifactsThatComeAlong(String moment) {
            var one = readSide.get(path + "?include=artifacts" + moment);
            assertThat(one.status()).isEqualTo(200);
            assertThat(one.text().length()).isLessThan(MOST);
            var shown = one.json().get("artifacts").size();
            assertThat(shown).isBetween(5, 12);
            var rest = walk(path + "/artifacts?limit=500" + moment + "&cursor="
                    + one.json().get("artifactsCursor").asString());
            assertThat(rest.items()).hasSize(20 - shown);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "&version=107"})
        void ofIterations(String moment) {
            var walk = walk(path + "/steps/a?limit=500" + moment);
            assertThat(walk.pages()).isGreaterThan(1);
            assertThat(walk.items().stream().map(item -> item.get("iteration").asInt()))
                    .containsExactly(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
            assertThat(walk.items())
                    .allSatisfy(item -> assertThat(item.get("attempts")).hasSize(1));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "&version=131"})
        void ofIterationsThatCompressWell(String moment) {
            var walk = walk(path + "/steps/c?limit=500" + moment);
            assertThat(walk.items().stream().map(item -> item.get("iteration").asInt()))
                    .containsExactly(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "&version=107"})
        void ofAttempts(String moment) {
            var walk = walk(path + "/steps/b?limit=500" + moment);
            assertThat(walk.items().stream().map(item -> item.get("iteration").asInt()))
                    .containsExactly(3, 2, 1);
            assertThat(walk.items().get(0).get("attempts")).hasSize(1);
            assertThat(walk.items().get(2).get("attempts")).hasSize(1);
            var attempts = walk.items().get(1).get("attempts");
            assertThat(attempts.size()).isBetween(5, 12);
            assertThat(attempts.get(attempts.size() - 1).get("number").asInt()).isEqualTo(20);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "&version=107"})
        void ofSteps(String moment) {
            var walk = walk(path + "/steps?limit=500&type=wide" + moment);
            assertThat(walk.pages()).isGreaterThan(1);
            assertThat(walk.items()).hasSize(20);
        }
    }

    @Nested
    class AValue {

        @Test
        void weighsWhatItDoesInTheLog() {
            var counts = readSide.jdbc()
                    .sql("""
                            select count(*) filter (where pg_column_compression(e.payload) is not null) as compressed,
                              count(*) filter (where event_log.read_cost(e.metadata, e.payload) <> %s) as others
                            from event_log.event e
                            """.formatted(RowWeight.of("e", List.of("metadata", "payload"))))
                    .query((row, number) -> List.of(row.getInt("compressed"), row.getInt("others")))
                    .single();
            assertThat(counts.getFirst()).isPositive();
            assertThat(counts.getLast()).isZero();
        }
    }
}
