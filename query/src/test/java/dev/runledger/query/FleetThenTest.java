package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The executions at a time, of 60,000: the nth begins with the nth event of the log, at the nth second of the year. Each
 * runs for a hundred events and completes, but for one of ten thousand, which runs on. One workflow of them is rare.
 */
class FleetThenTest {

    private static final int ROWS = 60_000;
    private static final String LIST = "/api/v1/executions?limit=500&at=";

    /** When the log had 30,000 events. */
    private static final String HALF = "2026-01-01T08:20:00Z";

    private static ReadSide readSide;
    private static List<Explaining.Seen> seen;

    @BeforeAll
    static void fill() throws InterruptedException {
        var database = TestDatabase.fresh();
        var before = ReadSide.over(database);
        var jdbc = before.jdbc();
        jdbc.sql("""
                insert into event_log.event (
                  position, namespace, stream, version, event_id, type, revision, occurred_at, recorded_at, metadata,
                  payload, payload_salt, payload_hash, digest, hash)
                select n, 'default', 'filler/' || n, 1, md5(n::text)::uuid, 'Filler', 1, timestamptz '2026-01-01Z',
                  timestamptz '2026-01-01Z' + n * interval '1 second', '{}', '{}',
                  '\\x00', sha256(''), sha256(''), sha256('')
                from generate_series(1, :rows) n
                """).param("rows", ROWS).update();
        jdbc.sql("""
                update event_log.head
                set position = :rows,
                  recorded_at = timestamptz '2026-01-01Z' + :rows * interval '1 second'
                """).param("rows", ROWS).update();
        jdbc.sql("""
                insert into read_model.executions (
                  namespace, execution_id, version, position, workflow, status, status_since, attempt, customer_id, tags,
                  created_at, started_at, clock_skew, iterations, step_counts, artifact_count, erased)
                select case when n % 100 = 99 then 'other' else 'default' end, md5(n::text)::uuid, 2, n,
                  case when n % 3000 = 1 then 'rare' else 'often' end, 'COMPLETED', n, 1, 'customer-' || n % 50, '{}',
                  timestamptz '2026-01-01Z' + n * interval '1 second',
                  timestamptz '2026-01-01Z' + n * interval '1 second', false, 0, '{}', 0, n % 5000 = 2
                from generate_series(1, :rows) n
                """).param("rows", ROWS).update();
        jdbc.sql("""
                insert into read_model.execution_states (namespace, execution_id, status, from_position, to_position)
                select e.namespace, e.execution_id, 'RUNNING', e.position,
                  case when e.position % 10000 <> 7 then e.position + 100 end
                from read_model.executions e
                union all
                select e.namespace, e.execution_id, 'COMPLETED', e.position + 100, null
                from read_model.executions e
                where e.position % 10000 <> 7
                """).update();
        jdbc.sql("""
                update read_model.projection_token
                set position = :rows
                """).param("rows", ROWS).update();
        jdbc.sql("vacuum analyze read_model.executions").update();
        jdbc.sql("vacuum analyze read_model.execution_states").update();
        before.stop();
        var explaining = new Explaining(database.application(), "scanned");
        seen = explaining.seen();
        readSide = ReadSide.over(database, explaining);
        readSide.settle();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private record Walk(List<JsonNode> items, int pages, long mostRows) {

        List<Long> since() {
            return items.stream().map(item -> item.get("statusSince").asLong()).toList();
        }
    }

    private static Walk walk(String uri) {
        var items = new ArrayList<JsonNode>();
        var cursor = "";
        var pages = 0;
        var most = 0L;
        do {
            seen.clear();
            var answer = readSide.get(uri + cursor);
            items.addAll(answer.items());
            assertThat(seen).hasSize(1);
            most = Math.max(most, seen.getFirst().rows());
            var next = answer.json().get("nextCursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asString();
            pages++;
        } while (!cursor.isEmpty());
        return new Walk(items, pages, most);
    }

    @Nested
    class AtATime {

        @Test
        void showsWhatRanThen() {
            var walk = walk(LIST + HALF + "&status=RUNNING");
            // Of the last hundred one is in another namespace.
            assertThat(walk.items()).hasSize(99 + 3).allSatisfy(item -> {
                assertThat(item.get("status").asString()).isEqualTo("RUNNING");
                assertThat(item.get("namespace").asString()).isEqualTo("default");
            });
            assertThat(walk.since()).startsWith(30_000L, 29_998L).endsWith(20_007L, 10_007L, 7L);
        }

        @Test
        void looksAtLittleElseThanWhatRanThen() {
            for (var at : List.of("2026-01-01T04:00:00Z", HALF, "2026-01-01T16:00:00Z")) {
                seen.clear();
                assertThat(readSide.get(LIST + at + "&status=RUNNING").items()).hasSizeBetween(99, 110);
                assertThat(seen)
                        .allSatisfy(statement -> assertThat(statement.rows())
                                .as(statement.plan())
                                .isLessThan(1_000));
            }
        }

        @Test
        void showsEveryExecutionOnceThatWasThereButTheErased() {
            var walk = walk(LIST + HALF);
            assertThat(walk.items().stream().map(item -> item.get("executionId").asString()))
                    .doesNotHaveDuplicates()
                    .hasSize(30_000 - 300 - 6);
            assertThat(walk.since()).isSortedAccordingTo((one, other) -> Long.compare(other, one));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "status=RUNNING",
                    "status=COMPLETED",
                    "status=FAILED",
                    "status=RUNNING&status=FAILED",
                    "workflow=rare",
                    "workflow=rare&status=RUNNING",
                    "customerId=customer-7&status=COMPLETED",
                    "createdBefore=2026-01-01T00:01:00Z",
                    "externalId=none"
                })
        void looksAtNoMoreThanTwentyThousandStatesAndTheirExecutions(String filters) {
            assertThat(walk(LIST + HALF + "&" + filters).mostRows()).isLessThanOrEqualTo(2L * OrderedScan.BOUND + 2);
        }

        @ParameterizedTest
        @ValueSource(strings = {"limit=50", "limit=50&status=RUNNING", "limit=50&status=COMPLETED"})
        void readsLittleMoreThanItShowsWhereMostMatch(String filters) {
            for (var at : List.of("2026-01-01T04:00:00Z", HALF, "2027-01-01T00:00:00Z")) {
                seen.clear();
                assertThat(readSide.get("/api/v1/executions?at=" + at + "&" + filters)
                                .items())
                        .hasSize(50);
                assertThat(seen)
                        .allSatisfy(statement -> assertThat(statement.rows())
                                .as(statement.plan())
                                .isLessThan(700));
            }
        }

        @Test
        void saysWhatItShows() {
            assertThat(readSide.get(LIST + HALF).text())
                    .endsWith("\"asOf\":{\"position\":30000,\"recordedAt\":\"2026-01-01T08:20:00.000000Z\"}}");
            assertThat(readSide.get(LIST + "2026-01-01T08:20:00.999999Z").text())
                    .contains("\"asOf\":{\"position\":30000,");
            assertThat(readSide.get(LIST + "2025-01-01T00:00:00Z").text())
                    .isEqualTo("{\"items\":[],\"nextCursor\":null,\"asOf\":{\"position\":0}}");
            assertThat(readSide.get(LIST + "9999-12-31T23:59:59.999999Z").text())
                    .contains("\"asOf\":{\"position\":60000,");
        }
    }
}
