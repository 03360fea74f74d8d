package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An execution with more artifacts and checkpoints than one request may look at, among others that have some too. */
class ExecutionPartsTest {

    private static final int ARTIFACTS = 45_000;
    private static final String PATH = "/api/v1/executions/c4ca4238-a0b9-2382-0dcc-509a6f75849b";

    private static ReadSide readSide;
    private static List<Explaining.Seen> seen;

    @BeforeAll
    static void fill() {
        var before = ReadSide.fresh();
        var jdbc = before.jdbc();
        jdbc.sql("""
                insert into read_model.executions (
                  namespace, execution_id, version, position, status, status_since, attempt, tags, created_at,
                  clock_skew, iterations, step_counts, artifact_count, erased)
                select 'default', md5(n::text)::uuid, 1, n, 'RUNNING', 1, 1, '{}', timestamptz '2026-01-01', false, 0,
                  '{}', 1, false
                from generate_series(1, 20) n
                """).update();
        jdbc.sql("""
                insert into read_model.artifacts (
                  namespace, execution_id, version, position, artifact_id, type, name, metadata, recorded_at)
                select 'default', md5(e::text)::uuid, 2 * n, n, 'a' || n,
                  case when n in (1, 44000) then 'rare' else 'often' end, 'name-' || n % 3, '{"size":1.50}',
                  timestamptz '2026-01-01 00:00:00.000001Z'
                from generate_series(1, 20) e, generate_series(1, case e when 1 then :artifacts else 1000 end) n
                """).param("artifacts", ARTIFACTS).update();
        jdbc.sql("""
                insert into read_model.checkpoints (
                  namespace, execution_id, version, checkpoint_id, state, recorded_at)
                select 'default', md5(e::text)::uuid, n, 'c' || n, '{"cursor":1.50}', timestamptz '2026-01-01Z'
                from generate_series(1, 20) e, generate_series(1, case e when 1 then 25000 else 1000 end) n
                """).update();
        jdbc.sql("vacuum analyze read_model.artifacts").update();
        jdbc.sql("vacuum analyze read_model.checkpoints").update();
        before.stop();
        var explaining =
                new Explaining(before.database().application(), "read_model.artifacts", "read_model.checkpoints");
        seen = explaining.seen();
        readSide = ReadSide.over(before.database(), explaining);
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private record Walk(List<String> ids, int pages, long mostRows) {}

    private static Walk walk(String uri, String id) {
        var ids = new ArrayList<String>();
        var cursor = "";
        var pages = 0;
        var most = 0L;
        do {
            seen.clear();
            var answer = readSide.get(uri + cursor);
            answer.items().forEach(item -> ids.add(item.get(id).asString()));
            most = Math.max(most, seen.stream().mapToLong(Explaining.Seen::rows).sum());
            var next = answer.json().get("nextCursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asString();
            pages++;
        } while (!cursor.isEmpty());
        return new Walk(ids, pages, most);
    }

    @Nested
    class AList {

        @Test
        void showsEveryArtifactOnceInTheOrderOfItsEvents() {
            var walk = walk(PATH + "/artifacts?limit=500", "artifactId");
            assertThat(walk.ids())
                    .isEqualTo(IntStream.rangeClosed(1, ARTIFACTS)
                            .mapToObj(n -> "a" + n)
                            .toList());
            assertThat(walk.pages()).isEqualTo(90);
            assertThat(walk.mostRows()).isLessThan(2_000);
        }

        @Test
        void showsEveryCheckpointOnceInTheOrderOfItsEvents() {
            var walk = walk(PATH + "/checkpoints?limit=500", "checkpointId");
            assertThat(walk.ids())
                    .isEqualTo(IntStream.rangeClosed(1, 25_000)
                            .mapToObj(n -> "c" + n)
                            .toList());
            assertThat(walk.mostRows()).isLessThan(2_000);
        }

        @ParameterizedTest
        @CsvSource({"type=rare, 2", "type=unknown, 0", "type=rare&name=name-1, 1", "name=name-1, 15000"})
        void isWholeWithFilters(String filters, int expected) {
            var walk = walk(PATH + "/artifacts?limit=500&" + filters, "artifactId");
            assertThat(walk.ids()).doesNotHaveDuplicates().hasSize(expected);
            assertThat(walk.mostRows()).isLessThanOrEqualTo(OrderedScan.BOUND);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/artifacts", "/checkpoints"})
        void carriesNoPayloads(String part) {
            seen.clear();
            assertThat(readSide.get(PATH + part).items())
                    .hasSize(50)
                    .noneMatch(item -> item.has("metadata") || item.has("state"));
            assertThat(seen).noneMatch(statement -> statement.sql().matches("(?s).*(metadata|state).*"));
        }
    }

    @Nested
    class TheLatestCheckpoint {

        @Test
        void isFoundWithoutLookingAtOthers() {
            seen.clear();
            assertThat(readSide.get(PATH + "/checkpoints/latest").text())
                    .contains("\"checkpointId\":\"c25000\"", "\"state\":{\"cursor\":1.50}");
            assertThat(seen).hasSize(1).allMatch(statement -> statement.rows() == 1);
        }
    }
}
