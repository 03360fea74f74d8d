package dev.runledger.query;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * What is asked for while the tables are nearly empty, when all indexes cost the same, and again when they have grown and
 * nobody has analyzed them: PostgreSQL keeps the plans that it has made.
 */
class YoungTablesTest {

    private static final int ROWS = 3_000;

    private static String id(int n) {
        return "00000000-0000-0000-0000-%012x".formatted(n);
    }

    /** Adds those executions, all children of the first one, each with three artifacts and checkpoints. */
    private static void fill(JdbcClient jdbc, int from, int to) {
        jdbc.sql("""
                insert into read_model.executions (
                  namespace, execution_id, version, position, parent_execution_id, status, status_since, attempt, tags,
                  created_at, clock_skew, iterations, step_counts, artifact_count, erased)
                select 'default', lpad(to_hex(n), 32, '0')::uuid, 7, n, case when n > 0 then lpad('0', 32, '0')::uuid end,
                  'RUNNING', n, 1, '{}', timestamptz '2026-01-01' + n * interval '1 second', false, 0, '{}', 3, false
                from generate_series(:from, :to) n
                """).param("from", from).param("to", to).update();
    }

    private static void fillParts(JdbcClient jdbc) {
        jdbc.sql("""
                insert into read_model.artifacts (
                  namespace, execution_id, version, position, artifact_id, type, name, uri, recorded_at)
                select 'default', lpad(to_hex(n), 32, '0')::uuid, v, n * 10 + v, 'a' || v, 't', 'n', '/p',
                  timestamptz '2026-01-01'
                from generate_series(0, :rows) n
                cross join generate_series(2, 4) v
                """).param("rows", ROWS).update();
        jdbc.sql("""
                insert into read_model.checkpoints (
                  namespace, execution_id, version, checkpoint_id, state, recorded_at)
                select 'default', lpad(to_hex(n), 32, '0')::uuid, v, 'c' || v, '{}', timestamptz '2026-01-01'
                from generate_series(0, :rows) n
                cross join generate_series(5, 7) v
                """).param("rows", ROWS).update();
    }

    private static void ask(ReadSide readSide, int parts) {
        var one = "/api/v1/executions/" + id(1);
        assertThat(readSide.get("/api/v1/executions?limit=50").items())
                .allSatisfy(item ->
                        assertThat(item.get("rootExecutionId").asString()).isEqualTo(id(0)));
        for (var list : List.of("/artifacts", "/artifacts?type=t", "/checkpoints")) {
            assertThat(readSide.get(one + list).items()).hasSize(parts);
        }
    }

    @Test
    void areReadByTheirKeysWhenTheyHaveGrown() {
        // A verification would look at rows too.
        var readSide = ReadSide.with(Map.of("runledger.projection.nightly-sample", 0));
        try (var database = readSide.database()) {
            var jdbc = JdbcClient.create(new DriverManagerDataSource(
                    database.url(), database.applicationUser(), database.applicationPassword()));
            for (var table : List.of("executions", "artifacts", "checkpoints")) {
                readSide.jdbc()
                        .sql("alter table read_model." + table + " set (autovacuum_enabled = off)")
                        .update();
            }
            fill(readSide.jdbc(), 0, 1);
            for (var n = 0; n < 20; n++) {
                ask(readSide, 0);
            }
            fill(readSide.jdbc(), 2, ROWS);
            fillParts(readSide.jdbc());
            for (var n = 0; n < 5; n++) {
                ask(readSide, 3);
            }
            readSide.stop();
            ((HikariDataSource) database.application()).close();
            // A connection that ends leaves behind what it has counted.
            await().atMost(30, SECONDS)
                    .until(() -> jdbc.sql("""
                                    select count(*) = 0
                                    from pg_stat_activity
                                    where datname = current_database()
                                      and backend_type = 'client backend'
                                      and pid <> pg_backend_pid()
                                    """).query(Boolean.class).single());
            var rows = jdbc.sql("""
                    select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
                    from pg_stat_user_tables
                    where schemaname = 'read_model'
                      and relname in ('executions', 'artifacts', 'checkpoints')
                    """).query(Long.class).single();
            // Of five lists 51 rows, with a look at each one and its parent, and a few for each request.
            assertThat(rows).isBetween(5 * 150L, 1_500L);
        }
    }
}
