package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A plan is cached when the table is empty and serves it when it is full. */
class PlanTest {

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void lastVersionIsReadFromTheIndex() throws SQLException {
        String one = prepared("text, text", LogWriter.READ_VERSION, "'ns', 'execution/1'");
        String several = prepared("text[], text[]", LogWriter.READ_VERSIONS, "'{ns}', '{execution/1}'");
        assertThat(one).contains("event_stream_version").doesNotContain("Seq Scan");
        assertThat(several).contains("event_stream_version").doesNotContain("Seq Scan");

        fill();
        assertThat(prepared("text, text", LogWriter.READ_VERSION, "'ns', 'execution/1'"))
                .contains("event_stream_version")
                .doesNotContain("Seq Scan");
        assertThat(prepared("text[], text[]", LogWriter.READ_VERSIONS, "'{ns}', '{execution/1}'"))
                .contains("event_stream_version")
                .doesNotContain("Seq Scan");
    }

    @Test
    void lastVersionIsReadFromTheIndexAlsoWhenStatisticsSayThatTheLogIsEmpty() {
        test.database.asSuperuser("vacuum analyze event_log.event");
        assertNothingIsScannedFor();
    }

    @Test
    void lastVersionIsReadFromTheIndexAlsoWhenNothingIsKnownOfTheLog() {
        assertNothingIsScannedFor();
    }

    private void assertNothingIsScannedFor() {
        long before = scans();
        long beforeByNamespace = scansByNamespace();
        HikariConfig config = new HikariConfig();
        config.setDataSource(test.database.application());
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config);
                PostgresEventStorageEngine engine = TestLog.engine(pool)) {
            // Stale all of them: the log is still empty when the server keeps the plan.
            for (int attempt = 1; attempt <= 15; attempt++) {
                assertThatThrownBy(() -> engine.appendEvents(ofManyStreams(2)))
                        .isInstanceOf(ConcurrencyException.class);
            }
            for (int version = 1; version <= 20; version++) {
                engine.appendEvents(TestLog.event(new StreamId("ns", "execution/1"), version));
                engine.appendEvents(ofManyStreams(version));
            }
        }
        test.database.asSuperuser("""
                select pg_terminate_backend(pid, 5000)
                from pg_stat_activity
                where usename = 'log_application' and datname = current_database()
                """);
        await().until(() ->
                statistic("select n_tup_ins from pg_stat_user_tables where relid = 'event_log.event'::regclass")
                        == 420);
        assertThat(scans()).isEqualTo(before);
        assertThat(scansByNamespace()).isEqualTo(beforeByNamespace);
    }

    /** More than the server expects in an array that it does not know: only then it keeps the plan. */
    private static List<DomainEventMessage<?>> ofManyStreams(int version) {
        List<DomainEventMessage<?>> events = new ArrayList<>();
        for (int stream = 2; stream <= 21; stream++) {
            events.add(TestLog.event(new StreamId("ns", "execution/" + stream), version));
        }
        return events;
    }

    @Test
    void statisticsAreNotTakenWhileTheLogIsSmall() {
        assertThat(JdbcClient.create(test.database.owner())
                        .sql("select reloptions::text from pg_class where oid = 'event_log.event'::regclass")
                        .query(String.class)
                        .single())
                .contains("autovacuum_analyze_threshold=1000");
    }

    private long scans() {
        return statistic("select seq_scan from pg_stat_user_tables where relid = 'event_log.event'::regclass");
    }

    private long scansByNamespace() {
        return statistic("select idx_scan from pg_stat_user_indexes where indexrelname = 'event_namespace_position'");
    }

    private long statistic(String query) {
        return JdbcClient.create(test.database.owner())
                .sql(query)
                .query(Long.class)
                .single();
    }

    @Test
    void namespaceIsReadFromItsIndexHoweverCommonOthersAre() throws SQLException {
        String query = numbered(EventLog.READ_NAMESPACE, "namespace", "after", "upTo", "limit", "bytes");
        String types = "text, bigint, bigint, int, bigint";
        String values = "'rare', 0, 9223372036854775807, 1001, 8388608";
        fill();

        assertThat(prepared(types, query, values))
                .contains("event_namespace_position")
                .doesNotContain("Sort")
                .doesNotContain("Seq Scan");
    }

    @Test
    void shortEventsOfAStreamAreReadInTheOrderOfItsIndex() throws SQLException {
        String query = numbered(EventLog.READ_SHORT, "namespace", "stream", "after", "upTo", "short", "limit");
        String types = "text, text, bigint, bigint, int, int";
        String values = "'ns', 'execution/1', 0, 1000, 2048, 1000";
        fill();

        assertThat(prepared(types, query, values))
                .contains("event_stream_version")
                .doesNotContain("Sort")
                .doesNotContain("Seq Scan");
    }

    @Test
    void chainIsReadFromThePrimaryKey() throws SQLException {
        String pages =
                prepared("bigint, bigint, bigint, int, bigint, int", ChainPages.READ, "0, 0, 100, 10, 8388608, 10");
        assertThat(pages).contains("event_pkey").doesNotContain("Seq Scan");
        String export = numbered(LogExport.READ, "namespace", "after", "upTo", "limit", "bytes");
        String exported = prepared("text, bigint, bigint, int, bigint", export, "'rare', 0, 100, 10, 8388608");
        assertThat(exported).contains("event_pkey").doesNotContain("Seq Scan");

        fill();
        assertThat(prepared("bigint, bigint, bigint, int, bigint, int", ChainPages.READ, "0, 0, 100, 10, 8388608, 10"))
                .contains("event_pkey")
                .doesNotContain("Seq Scan");
        assertThat(prepared("text, bigint, bigint, int, bigint", export, "'rare', 0, 100, 10, 8388608"))
                .contains("event_pkey")
                .doesNotContain("Seq Scan");
    }

    @Test
    void whatErasesAStreamIsReadFromTheIndex() throws SQLException {
        fill();
        assertThat(prepared("text[], text[], text[]", ChainVerifier.ERASURES, "'{ns}', '{execution/1}', '{Noted}'"))
                .contains("event_stream_version")
                .doesNotContain("Seq Scan");
    }

    private void fill() {
        for (int i = 0; i < 20; i++) {
            List<DomainEventMessage<?>> events =
                    new ArrayList<>(TestLog.events(new StreamId("ns", "execution/" + i), 1, 1_000));
            events.add(TestLog.event(new StreamId("rare", "execution/" + i), 1));
            test.engine.appendEvents(events);
        }
        test.database.asSuperuser("vacuum analyze event_log.event");
    }

    /** With the server's numbers for parameters, in the order of these names. */
    private static String numbered(String query, String... names) {
        String numbered = query;
        for (int i = 0; i < names.length; i++) {
            numbered = numbered.replace(":" + names[i], "$" + (i + 1));
        }
        return numbered;
    }

    /** The plan that is kept for any values. */
    private String prepared(String types, String query, String values) throws SQLException {
        String numbered = query;
        for (int number = 1; numbered.contains("?"); number++) {
            numbered = numbered.replaceFirst("\\?", "\\$" + number);
        }
        try (Connection connection = test.database.application().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set plan_cache_mode = force_generic_plan");
            statement.execute("prepare hot (" + types + ") as " + numbered);
            StringBuilder plan = new StringBuilder();
            try (ResultSet lines = statement.executeQuery("explain execute hot (" + values + ")")) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
            statement.execute("deallocate hot");
            statement.execute("reset plan_cache_mode");
            return plan.toString();
        }
    }
}
