package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.ReadModelSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Folds executions from the log into temporary tables and compares them with those that are shown, a few hundred
 * executions at a time, each time as of one state of both. Others go on meanwhile.
 */
final class Verification {

    /** Names this piece of work among the database's advisory locks. */
    private static final long LOCK = 0x72756e6c65647665L;

    private static final int EXECUTIONS_AT_ONCE = 500;
    private static final int EVENTS_AT_ONCE = 10_000;
    private static final long BYTES_AT_ONCE = 8L << 20;
    private static final long REMEMBERED_BYTES = 16L << 20;
    private static final int KEYS_AT_ONCE = 5_000;
    private static final int MOST_TRIES = 10;

    /** The execution of a row that has its {@code namespace} and {@code execution_id}. */
    static final RowMapper<ExecutionId> EXECUTION =
            (row, number) -> new ExecutionId(row.getString("namespace"), row.getObject("execution_id", UUID.class));

    private final JdbcTemplate jdbc;
    private final JdbcClient sql;
    private final TransactionTemplate transaction;
    private final EventLog eventLog;
    private final Skips skips;
    private long position;

    private Verification(Connection own) {
        var dataSource = new SingleConnectionDataSource(own, true);
        this.jdbc = new JdbcTemplate(dataSource);
        this.sql = JdbcClient.create(jdbc);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.eventLog = new EventLog(dataSource);
        this.skips = new ProjectionJournal(sql).skips();
    }

    /**
     * Compares.
     *
     * @param sample how many executions to choose from the log by chance; null for all
     * @return null when another verification is under way
     */
    static @Nullable DriftReport run(ReadModelConnections connections, @Nullable Integer sample, Random random)
            throws SQLException {
        try (var own = connections.sessions().getConnection()) {
            var verification = new Verification(own);
            if (!verification.isAlone()) {
                return null;
            }
            var report = verification.compare(sample, random);
            // The server would notice a little later that the connection is closed.
            verification.jdbc.execute("select pg_advisory_unlock_all()");
            return report;
        }
    }

    private boolean isAlone() {
        return sql.sql("select pg_try_advisory_lock(:lock)")
                .param("lock", LOCK)
                .query(Boolean.class)
                .single();
    }

    private DriftReport compare(@Nullable Integer sample, Random random) {
        jdbc.execute("set search_path = pg_temp");
        jdbc.execute("set client_connection_check_interval = '1s'");
        jdbc.execute("set tcp_keepalives_idle = 10");
        jdbc.execute("set tcp_keepalives_interval = 5");
        jdbc.execute("set tcp_keepalives_count = 3");
        ReadModelSchema.createTables(jdbc);
        jdbc.execute("create temp table scope (namespace text, execution_id uuid)");
        var comparison = new TableComparison();
        if (sample == null) {
            compareAll(comparison);
        } else {
            inParts(sampleOfTheLog(sample, random), comparison);
            inParts(strangers(sampleOfTheTables(sample)), comparison);
        }
        return comparison.report(
                sample == null ? DriftReport.Kind.FULL : DriftReport.Kind.SAMPLE, Instant.now(), position);
    }

    /** Those that the log knows now: others may begin faster than they can be compared. */
    private void compareAll(TableComparison comparison) {
        var head = eventLog.head().position();
        StreamId last = new StreamId("-", "-");
        while (true) {
            var streams = sql.sql("""
                            select namespace, stream
                            from event_log.event
                            where (namespace, stream, version) > (:namespace, :stream, 1)
                              and version = 1
                              and position <= :head
                            order by namespace, stream, version
                            limit :limit
                            """)
                    .param("namespace", last.namespace())
                    .param("stream", last.stream())
                    .param("head", head)
                    .param("limit", EXECUTIONS_AT_ONCE)
                    .query((row, number) -> new StreamId(row.getString("namespace"), row.getString("stream")))
                    .list();
            if (streams.isEmpty()) {
                break;
            }
            inParts(executions(streams), comparison);
            last = streams.getLast();
        }
        for (var table : ReadModelSchema.TABLES) {
            compareStrangersIn(table, comparison);
        }
    }

    private List<ExecutionId> sampleOfTheLog(int sample, Random random) {
        var head = eventLog.head().position();
        if (head == 0) {
            return List.of();
        }
        var positions = LongStream.generate(() -> random.nextLong(head) + 1)
                .limit(sample)
                .boxed()
                .toArray(Long[]::new);
        return executions(sql.sql("""
                        select distinct namespace, stream
                        from event_log.event
                        where position = any(:positions)
                        """)
                .param("positions", positions)
                .query((row, number) -> new StreamId(row.getString("namespace"), row.getString("stream")))
                .list());
    }

    private List<ExecutionId> sampleOfTheTables(int sample) {
        var rows = sql.sql("select greatest(1, pg_stat_get_live_tuples('read_model.executions'::regclass))")
                .query(Long.class)
                .single();
        return jdbc.query("""
                select namespace, execution_id
                from read_model.executions tablesample system (?)
                limit ?
                """, EXECUTION, Math.min(100.0, 200.0 * sample / rows), sample);
    }

    /** Those of which the log knows nothing. */
    private List<ExecutionId> strangers(List<ExecutionId> executions) {
        return jdbc.query(
                """
                select k.namespace, k.execution_id
                from unnest(?, ?) as k(namespace, execution_id)
                where not exists (
                  select
                  from event_log.event e
                  where e.namespace = k.namespace
                    and e.stream = 'execution/' || k.execution_id
                    and e.version = 1)
                """,
                EXECUTION,
                executions.stream().map(ExecutionId::namespace).toArray(String[]::new),
                executions.stream().map(ExecutionId::id).toArray(UUID[]::new));
    }

    /** Those with rows in {@code table} of which the log knows nothing, some keys after the others. */
    private void compareStrangersIn(String table, TableComparison comparison) {
        var namespace = "";
        var id = new UUID(0, 0);
        while (true) {
            var some = jdbc.query(
                    "select distinct namespace, execution_id from read_model." + table
                            + " where (namespace, execution_id) > (?, ?) order by namespace, execution_id limit ?",
                    EXECUTION,
                    namespace,
                    id,
                    KEYS_AT_ONCE);
            if (some.isEmpty()) {
                return;
            }
            inParts(strangers(some), comparison);
            namespace = some.getLast().namespace();
            id = some.getLast().id();
        }
    }

    private static List<ExecutionId> executions(List<StreamId> streams) {
        return streams.stream()
                .filter(stream -> ExecutionId.isStream(stream.stream()))
                .map(stream -> ExecutionId.ofStream(stream.namespace(), stream.stream()))
                .collect(Collectors.toList());
    }

    private void inParts(List<ExecutionId> executions, TableComparison comparison) {
        for (var from = 0; from < executions.size(); from += EXECUTIONS_AT_ONCE) {
            var part = executions.subList(from, Math.min(executions.size(), from + EXECUTIONS_AT_ONCE));
            for (var attempt = 1; !compared(part, comparison); attempt++) {
                if (attempt == MOST_TRIES) {
                    throw new IllegalStateException("the tables are replaced again and again");
                }
            }
        }
    }

    /** Answers whether the tables were the same from beginning to end; otherwise nothing was found. */
    private boolean compared(List<ExecutionId> executions, TableComparison comparison) {
        jdbc.execute("truncate scope, " + String.join(", ", ReadModelSchema.TABLES));
        return Objects.requireNonNull(transaction.execute(ignored -> {
            jdbc.execute("set transaction isolation level repeatable read");
            var tables = tables();
            position = sql.sql("select position from read_model.projection_token")
                    .query(Long.class)
                    .single();
            jdbc.update(
                    "insert into scope select namespace, execution_id from unnest(?, ?) as k(namespace, execution_id)",
                    executions.stream().map(ExecutionId::namespace).toArray(String[]::new),
                    executions.stream().map(ExecutionId::id).toArray(UUID[]::new));
            fold(executions, position);
            var found = new TableComparison();
            found.compare(jdbc, new TableComparison.Scope.Only(), ReadModelSchema.TABLES);
            if (!tables.equals(tables())) {
                return false;
            }
            comparison.add(found);
            return true;
        }));
    }

    /** What the names mean at the moment, also where the rows are seen as of an earlier one. */
    private List<Long> tables() {
        return ReadModelSchema.TABLES.stream()
                .map(table -> sql.sql("select to_regclass('read_model.' || :table)::oid::bigint")
                        .param("table", table)
                        .query(Long.class)
                        .single())
                .toList();
    }

    private void fold(List<ExecutionId> executions, long upTo) {
        var fold = ReadModelFold.remembering(ReadModelTables.of(jdbc), REMEMBERED_BYTES);
        var batch = new ArrayList<RecordedEvent>();
        var bytes = 0L;
        for (var execution : executions) {
            var stream = new StreamId(execution.namespace(), execution.stream());
            for (Long from = 0L; from != null; ) {
                var page = eventLog.readStream(stream, from, Long.MAX_VALUE, EventFilter.ALL, EVENTS_AT_ONCE);
                for (var stored : page.events()) {
                    if (stored.position() <= upTo) {
                        var payload = stored.payload();
                        batch.add(Objects.requireNonNull(LoggedEvents.of(stored, skips)));
                        bytes += payload == null ? 0 : payload.length();
                    }
                    if (batch.size() >= EVENTS_AT_ONCE || bytes >= BYTES_AT_ONCE) {
                        fold.apply(batch, skips);
                        batch.clear();
                        bytes = 0;
                    }
                }
                from = page.next();
            }
        }
        if (!batch.isEmpty()) {
            fold.apply(batch, skips);
        }
    }
}
