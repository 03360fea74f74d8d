package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.EventJson;
import dev.runledger.query.execution.ExecutionItem;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Pages and rows that are read as if all were short and none erased, where some are not; on tables that nobody has
 * analyzed.
 */
class LightPagesTest {

    private static final int ROWS = 400;

    private static ReadSide readSide;
    private static List<Explaining.Seen> seen;

    @BeforeAll
    static void fill() {
        var before = ReadSide.fresh();
        before.stop();
        var explaining = new Explaining(before.database().application(), "as light", "scanned");
        seen = explaining.seen();
        readSide = ReadSide.over(before.database(), explaining);
        readSide.jdbc()
                .sql("alter table read_model.executions set (autovacuum_enabled = off)")
                .update();
        // While they are empty all indexes cost the same, and plans are made that last.
        for (var n = 0; n < 10; n++) {
            assertThat(readSide.get("/api/v1/executions/" + id(1)).status()).isEqualTo(404);
            assertThat(readSide.get("/api/v1/executions?status=FAILED").items()).isEmpty();
            assertThat(readSide.get("/api/v1/executions?tag=a:b").items()).isEmpty();
        }
        seen.clear();
        // Long ones do not compress; of each hundred rows one is long and one erased.
        readSide.jdbc().sql("""
                insert into read_model.executions (
                  namespace, execution_id, version, position, workflow, status, status_since, attempt, tags, input,
                  error_message, error_type, created_at, clock_skew, iterations, step_counts, artifact_count, erased)
                select 'default', lpad(to_hex(n), 32, '0')::uuid, 3, n, 'w', case when n % 2 = 0 then 'FAILED' else 'RUNNING' end,
                  n, 1, '{"n":"x"}',
                  case when n % 100 = 30 then to_json((
                    select string_agg(md5((n * 100000 + i)::text), '') from generate_series(1, 25000) i)) end,
                  case when n % 2 = 0 then case when n % 20 = 0 then (
                    select string_agg(md5((n * 100000 + i)::text), '') from generate_series(1, 25000) i)
                    else 'no' end end,
                  case when n % 2 = 0 then 'IO' end,
                  timestamptz '2026-01-01' + n * interval '1 second', false, 0, '{}', 0, n % 50 = 7
                from generate_series(1, :rows) n
                """).param("rows", ROWS).update();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private static String id(int n) {
        return "00000000-0000-0000-0000-%012x".formatted(n);
    }

    private static List<JsonNode> walk(String uri) {
        var items = new ArrayList<JsonNode>();
        var cursor = "";
        do {
            var page = readSide.get(uri + cursor);
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            assertThat(page.text().length()).isLessThan(10_000_000);
            items.addAll(page.items());
            var next = page.json().get("nextCursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asString();
        } while (!cursor.isEmpty());
        return items;
    }

    private static List<Integer> numbers(List<JsonNode> items) {
        return items.stream().map(item -> item.get("position").asInt()).toList();
    }

    @Nested
    class APage {

        @Test
        void showsWhatIsLongWhole() {
            var failed = walk("/api/v1/executions?limit=30&status=FAILED");
            assertThat(numbers(failed))
                    .isEqualTo(IntStream.rangeClosed(1, ROWS)
                            .map(n -> ROWS + 1 - n)
                            .filter(n -> n % 2 == 0)
                            .boxed()
                            .toList());
            assertThat(failed)
                    .allSatisfy(item -> assertThat(
                                    item.get("error").get("message").asString().length())
                            .isEqualTo(item.get("position").asInt() % 20 == 0 ? 800_000 : 2));
        }

        @Test
        void isFullWhereErasedOnesAreLeftOut() {
            var page = readSide.get("/api/v1/executions?limit=100&status=RUNNING");
            assertThat(numbers(page.items())).hasSize(100).doesNotContain(357, 307, 257, 207);
            assertThat(numbers(walk("/api/v1/executions?limit=7&status=RUNNING&sort=createdAt")))
                    .isEqualTo(IntStream.rangeClosed(1, ROWS)
                            .filter(n -> n % 2 == 1 && n % 50 != 7)
                            .boxed()
                            .toList());
        }

        @Test
        void readsTheOneIndexThatHasItsOrderThoughItWasPlannedOnAnEmptyTable() {
            seen.clear();
            readSide.get("/api/v1/executions?limit=50&status=RUNNING");
            assertThat(seen).isNotEmpty().allSatisfy(statement -> {
                assertThat(statement.plan()).contains("executions_by_status");
                assertThat(statement.rows()).as(statement.plan()).isLessThan(200);
            });
        }
    }

    @Nested
    class OneExecution {

        @Test
        void isShownWhole() {
            var one = readSide.get("/api/v1/executions/" + id(130));
            assertThat(one.json().get("input").asString()).hasSize(800_000);
            assertThat(one.json().get("executionId").asString()).isEqualTo(id(130));
            var other = readSide.get("/api/v1/executions/" + id(140));
            assertThat(other.json().get("error").get("message").asString()).hasSize(800_000);
            assertThat(readSide.get("/api/v1/executions/" + id(107)).status()).isEqualTo(410);
            assertThat(readSide.get("/api/v1/executions/" + id(ROWS + 1)).status())
                    .isEqualTo(404);
        }

        @Test
        void isWhatWasAskedForAmongManyAtOnce() {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var answers = IntStream.rangeClosed(1, ROWS + 50)
                        .mapToObj(n -> CompletableFuture.supplyAsync(
                                () -> readSide.get("/api/v1/executions/" + id(n)), threads))
                        .toList();
                for (var n = 1; n <= ROWS + 50; n++) {
                    var answer = answers.get(n - 1).join();
                    if (n > ROWS) {
                        assertThat(answer.status()).isEqualTo(404);
                    } else if (n % 50 == 7) {
                        assertThat(answer.status()).isEqualTo(410);
                    } else {
                        assertThat(answer.json().get("position").asInt()).isEqualTo(n);
                        assertThat(answer.json().get("executionId").asString()).isEqualTo(id(n));
                    }
                }
            }
        }

        @Test
        void isReadByItsKeyThoughItWasPlannedOnAnEmptyTable() {
            seen.clear();
            readSide.get("/api/v1/executions/" + id(1));
            assertThat(seen).hasSize(1).allSatisfy(statement -> {
                assertThat(statement.plan()).contains("executions_pkey").contains("checkpoints_pkey");
                assertThat(statement.rows()).as(statement.plan()).isLessThanOrEqualTo(1);
            });
        }
    }

    @Nested
    class AnItem {

        @Test
        void isWrittenAsItsComponentsSay() {
            var item = readSide.get("/api/v1/executions?limit=1").items().getFirst();
            var written = new ArrayList<String>();
            item.propertyNames().forEach(written::add);
            assertThat(written)
                    .isEqualTo(Arrays.stream(ExecutionItem.class.getRecordComponents())
                            .map(RecordComponent::getName)
                            .toList());
            var one = EventJson.mapper()
                    .readTree(readSide.get("/api/v1/executions/"
                                    + item.get("executionId").asString())
                            .text());
            written.forEach(name -> assertThat(one.get(name)).as(name).isEqualTo(item.get(name)));
        }
    }
}
