package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Lists over 200,000 executions of very uneven kinds: one workflow has most of them and never fails, one tag is on all
 * of them and another on a single one.
 */
class ExecutionListTest {

    private static final int ROWS = 200_000;

    private static ReadSide plain;
    private static ReadSide explained;
    private static List<Explaining.Seen> seen;

    @BeforeAll
    static void fill() {
        plain = ReadSide.fresh();
        var jdbc = plain.jdbc();
        jdbc.sql("""
                insert into read_model.executions (
                  namespace, execution_id, version, position, workflow, workflow_version, type, status, status_since,
                  attempt, agent_id, customer_id, external_id, parent_execution_id, tags, created_at, started_at,
                  ended_at, duration_ms, clock_skew, iterations, step_counts, artifact_count, erased, error_message,
                  error_type)
                select 'default', md5(n::text)::uuid, 3, n,
                  case when n % 100 = 0 then 'rare' else 'never-fails' end,
                  n % 5,
                  case when n % 1000 = 7 then 'seldom' else 'often' end,
                  case when n % 100 = 0 and n % 3 = 0 then 'FAILED' when n % 50 = 1 then 'RUNNING' else 'COMPLETED' end,
                  n, 1, 'agent-' || n % 50, 'customer-' || n % 2000, 'key-' || n / 2,
                  case when n % 10 = 0 then md5((n / 100000)::text)::uuid end,
                  case when n = 4711 then '{"all":"x","one":"y"}' else '{"all":"x"}' end::json,
                  timestamptz '2026-01-01' + n / 3 * interval '1 second',
                  timestamptz '2026-01-02' - n / 3 * interval '1 second',
                  case when n % 50 <> 1 then timestamptz '2026-01-03' + n % 977 * interval '1 minute' end,
                  case when n % 50 <> 1 then n % 977 end,
                  false, 0, '{}', 0, false,
                  case when n % 100 = 0 and n % 3 = 0 then 'Disk full on host ' || n end,
                  case when n % 100 = 0 and n % 3 = 0 then 'IO' end
                from generate_series(1, :rows) n
                """).param("rows", ROWS).update();
        jdbc.sql("""
                insert into read_model.execution_tags (namespace, execution_id, name, value, hash, created_at)
                select namespace, execution_id, 'all', 'x', :all, created_at
                from read_model.executions
                union all
                select namespace, execution_id, 'one', 'y', :one, created_at
                from read_model.executions
                where position = 4711
                """)
                .param("all", dev.runledger.events.ContentHash.ofText("all\0x"))
                .param("one", dev.runledger.events.ContentHash.ofText("one\0y"))
                .update();
        jdbc.sql("""
                insert into read_model.steps (
                  namespace, execution_id, step_id, iteration, first_version, first_position, version, workflow, name,
                  type, step_order, status, attempt, max_retries, agent_id, clock_skew, started_at)
                select 'default', md5((n % 10)::text)::uuid, 's' || n, 1, n, n, n,
                  case when n % 100 = 0 then 'rare' else 'never-fails' end,
                  'name-' || n % 3,
                  case when n % 1000 = 7 then 'seldom' else 'often' end,
                  n % 4,
                  case when n % 5000 = 0 then 'FAILED' else 'COMPLETED' end,
                  1, 0, 'agent-' || n % 50, false, timestamptz '2026-01-02'
                from generate_series(1, :rows) n
                """).param("rows", ROWS).update();
        jdbc.sql("vacuum analyze read_model.executions").update();
        jdbc.sql("vacuum analyze read_model.execution_tags").update();
        jdbc.sql("vacuum analyze read_model.steps").update();
        plain.stop();
        plain = ReadSide.over(plain.database());
        var explaining = new Explaining(plain.database().application(), "scanned", "as light", "recursive line");
        seen = explaining.seen();
        explained = ReadSide.over(plain.database(), explaining);
    }

    @AfterAll
    static void stop() {
        explained.stop();
        plain.close();
    }

    @Nested
    class AnyList {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "workflow=rare",
                    "workflow=never-fails&status=FAILED",
                    "workflow=never-fails&version=3",
                    "workflow=never-fails&version=9",
                    "workflow=unknown",
                    "version=3",
                    "status=FAILED",
                    "status=RUNNING&status=FAILED",
                    "status=TIMED_OUT&status=CANCELLED",
                    "type=seldom",
                    "type=often&status=FAILED&workflow=never-fails",
                    "agentId=agent-7",
                    "agentId=agent-7&status=FAILED",
                    "customerId=customer-7",
                    "externalId=key-7",
                    "parentExecutionId=cfcd2084-95d5-65ef-66e7-dff9f98764da",
                    "parentExecutionId=cfcd2084-95d5-65ef-66e7-dff9f98764da&status=RUNNING",
                    "tag=one:y",
                    "tag=all:x",
                    "tag=all:x&status=FAILED",
                    "tag=all:x&tag=one:y",
                    "tag=none:z",
                    "q=disk+full",
                    "q=nowhere",
                    "createdAfter=2026-01-01T12:00:00Z&createdBefore=2026-01-01T12:01:00Z",
                    "startedAfter=2026-01-01T12:00:00Z&status=FAILED",
                    "endedBefore=2026-01-03T00:01:00Z",
                    "minDurationMs=976",
                    "minDurationMs=975&maxDurationMs=975&workflow=rare",
                    "sort=createdAt",
                    "sort=-startedAt",
                    "sort=startedAt&status=FAILED",
                    "sort=endedAt&tag=one:y",
                    "sort=-endedAt&workflow=never-fails",
                    "sort=-durationMs",
                    "sort=durationMs&minDurationMs=500&maxDurationMs=501",
                    "sort=-durationMs&status=FAILED&workflow=never-fails",
                    "sort=durationMs&q=nowhere"
                })
        void looksAtNoMoreThanTwentyThousandRowsOfItsIndex(String query) {
            staysWithinTheBound("/api/v1/executions?limit=50" + (query.isEmpty() ? "" : "&" + query));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "status=FAILED",
                    "status=RUNNING&status=FAILED",
                    "type=seldom",
                    "name=name-1&type=seldom",
                    "workflow=rare&status=FAILED",
                    "workflow=never-fails&status=RUNNING",
                    "agentId=agent-7&status=COMPLETED",
                    "startedAfter=2026-01-03T00:00:00Z"
                })
        void ofStepsDoesTheSame(String query) {
            staysWithinTheBound("/api/v1/steps?limit=50" + (query.isEmpty() ? "" : "&" + query));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "workflow=never-fails",
                    "workflow=never-fails&version=3",
                    "status=COMPLETED",
                    "tag=all:x",
                    "sort=-durationMs",
                    "sort=createdAt",
                    "workflow=never-fails&status=COMPLETED"
                })
        void readsLittleMoreThanItShowsWhereMostRowsMatch(String query) {
            seen.clear();
            assertThat(explained.get("/api/v1/executions?limit=50&" + query).items())
                    .hasSize(50);
            assertThat(seen)
                    .allSatisfy(statement ->
                            assertThat(statement.rows()).as(statement.plan()).isLessThan(500));
        }

        private void staysWithinTheBound(String uri) {
            var cursor = "";
            for (var page = 0; page < 3; page++) {
                seen.clear();
                var answer = explained.get(uri + cursor);
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(seen).isNotEmpty();
                for (var statement : seen) {
                    // One index entry and, of a list by tag, one execution for each; and the page's roots.
                    var perRow = statement.sql().contains("execution_tags") ? 2 : 1;
                    assertThat(statement.rows())
                            .as(uri + "\n" + statement.sql() + "\n" + statement.plan())
                            .isLessThanOrEqualTo((long) perRow * OrderedScan.BOUND + 51);
                }
                var next = answer.json().get("nextCursor");
                if (next.isNull()) {
                    return;
                }
                cursor = "&cursor=" + next.asString();
            }
        }
    }

    @Nested
    class APagedList {

        private List<String> all(String query) {
            var ids = new ArrayList<String>();
            var cursor = "";
            do {
                var answer = plain.get("/api/v1/executions?limit=500&" + query + cursor);
                answer.items().forEach(item -> ids.add(item.get("executionId").asString()));
                var next = answer.json().get("nextCursor");
                cursor = next.isNull() ? "" : "&cursor=" + next.asString();
            } while (!cursor.isEmpty());
            return ids;
        }

        private long counted(String condition) {
            return plain.jdbc()
                    .sql("select count(*) from read_model.executions where " + condition)
                    .query(Long.class)
                    .single();
        }

        private void isWhole(String query, String condition) {
            var ids = all(query);
            assertThat(new HashSet<>(ids)).as(query).hasSize(ids.size());
            assertThat((long) ids.size()).as(query).isEqualTo(counted(condition));
        }

        @Test
        void showsEveryRowOnceForEachFilter() {
            isWhole("workflow=rare", "workflow = 'rare'");
            isWhole(
                    "workflow=never-fails&version=2&status=RUNNING",
                    "workflow = 'never-fails' and workflow_version = 2 and status = 'RUNNING'");
            isWhole("workflow=never-fails&status=FAILED", "false");
            isWhole("status=FAILED", "status = 'FAILED'");
            isWhole("status=FAILED&status=RUNNING", "status in ('FAILED', 'RUNNING')");
            isWhole("type=seldom", "type = 'seldom'");
            isWhole("agentId=agent-7", "agent_id = 'agent-7'");
            isWhole("customerId=customer-9", "customer_id = 'customer-9'");
            isWhole("externalId=key-9", "external_id = 'key-9'");
            isWhole("tag=one:y", "position = 4711");
            isWhole("tag=all:x&tag=one:y", "position = 4711");
            isWhole("tag=all:x&status=FAILED", "status = 'FAILED'");
            isWhole("tag=all:y", "false");
            isWhole("q=DISK", "error_message is not null");
            isWhole("q=rar", "workflow = 'rare'");
            isWhole("version=3&status=FAILED", "workflow_version = 3 and status = 'FAILED'");
            isWhole(
                    "createdAfter=2026-01-01T10:00:00Z&createdBefore=2026-01-01T10:10:00Z",
                    "created_at > '2026-01-01T10:00:00Z' and created_at < '2026-01-01T10:10:00Z'");
            isWhole(
                    "startedAfter=2026-01-01T23:50:00Z&startedBefore=2026-01-01T23:55:00Z",
                    "started_at > '2026-01-01T23:50:00Z' and started_at < '2026-01-01T23:55:00Z'");
            isWhole("endedAfter=2026-01-03T16:15:00Z", "ended_at > '2026-01-03T16:15:00Z'");
            isWhole("minDurationMs=970&maxDurationMs=971", "duration_ms between 970 and 971");
            isWhole(
                    "parentExecutionId=cfcd2084-95d5-65ef-66e7-dff9f98764da&status=COMPLETED",
                    "parent_execution_id = md5('0')::uuid and status = 'COMPLETED'");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "-createdAt",
                    "createdAt",
                    "-startedAt",
                    "startedAt",
                    "-endedAt",
                    "endedAt",
                    "-durationMs",
                    "durationMs"
                })
        void isInOrderAndWholeWhileRowsAreAdded(String sort) {
            Set<String> expected =
                    new HashSet<>(plain.jdbc().sql("""
                            select execution_id::text
                            from read_model.executions
                            where workflow = 'rare'
                              and ended_at is not null
                              and started_at is not null
                            """).query(String.class).list());
            var ids = new ArrayList<String>();
            var keys = new ArrayList<String>();
            var key = sort.replace("-", "");
            var cursor = "";
            var added = 0;
            do {
                var answer = plain.get("/api/v1/executions?limit=300&workflow=rare&sort="
                        + URLEncoder.encode(sort, StandardCharsets.UTF_8) + cursor);
                for (JsonNode item : answer.items()) {
                    ids.add(item.get("executionId").asString());
                    keys.add(String.format("%040d", 0)
                                    .substring(item.get(key).asString().length())
                            + item.get(key).asString());
                }
                plain.jdbc().sql("""
                        insert into read_model.executions (
                          namespace, execution_id, version, position, workflow, status, status_since, attempt, tags,
                          created_at, started_at, ended_at, duration_ms, clock_skew, iterations, step_counts,
                          artifact_count, erased)
                        select 'default', gen_random_uuid(), 1, 1, 'rare', 'COMPLETED', 1, 1, '{}',
                          t, t, t, random() * 900, false, 0, '{}', 0, false
                        from (
                          select timestamptz '2026-01-01' + random() * interval '2 days' as t
                          from generate_series(1, 20)
                        ) s
                        """).update();
                added += 20;
                var next = answer.json().get("nextCursor");
                cursor = next.isNull() ? "" : "&cursor=" + next.asString();
            } while (!cursor.isEmpty());
            assertThat(added).isGreaterThan(100);
            assertThat(new HashSet<>(ids)).hasSize(ids.size()).containsAll(expected);
            assertThat(keys)
                    .isSortedAccordingTo(
                            sort.startsWith("-")
                                    ? java.util.Comparator.reverseOrder()
                                    : java.util.Comparator.naturalOrder());
        }

        @Test
        void refusesACursorOfAnotherOrder() {
            var cursor = plain.get("/api/v1/executions?limit=1")
                    .json()
                    .get("nextCursor")
                    .asString();
            var answer = plain.get("/api/v1/executions?sort=createdAt&cursor=" + cursor);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("errors").get(0).get("pointer").asString())
                    .isEqualTo("/cursor");
        }
    }
}
