package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.ReadModelSchema;
import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Folds the log, or a part of it, into the same tables in another schema or another database, where nobody follows it:
 * for questions that the live tables cannot answer, and for trying a fold before it serves. The log is only read, and
 * the live tables are neither read nor written. Memory does not grow with the log.
 */
public final class SchemaReplay {

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    /** Schemas of the server and of PostgreSQL itself. */
    private static final Pattern TAKEN =
            Pattern.compile("read_model.*|event_log|operations|public|information_schema|pg_.*");

    /** What a schema is marked with that may be replaced. */
    private static final String MARK = "made by a replay of the log";

    private static final int KNOWN_WORKFLOWS = 50_000;

    /**
     * Which events are folded.
     *
     * @param from the first position; what an execution did before it is not known in the tables
     * @param to the last position; null for the end of the log as it is at the beginning
     * @param namespace null for all
     * @param workflow that the executions were started as; null for all
     */
    public record Part(
            long from,
            @Nullable Long to,
            @Nullable String namespace,
            @Nullable String workflow) {

        public Part {
            if (from < 1 || to != null && to < from) {
                throw new IllegalArgumentException("positions are 1 or more, the last one not before the first");
            }
        }
    }

    /**
     * What was done.
     *
     * @param position up to where the log was folded
     * @param events how many of them were of the part
     * @param rows of each table
     */
    public record Outcome(long position, long events, Map<String, Long> rows, Duration took) {}

    /** Is told how far it is, after each batch. */
    @FunctionalInterface
    public interface Progress {

        /**
         * @param to the last position
         * @param read how many events were read so far, also those that are not of the part
         */
        void at(long position, long to, long read);
    }

    /** The schema is not one to replay into; the message says why, for people. */
    public static final class RefusedException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        RefusedException(String sentence) {
            super(sentence);
        }
    }

    /** An event cannot be folded; the tables hold everything before it. The message names it, for people. */
    public static final class StoppedException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        StoppedException(String sentence) {
            super(sentence);
        }
    }

    private final EventLog eventLog;
    private final JdbcTemplate log;
    private final DataSource target;
    private final String schema;
    private final boolean replace;

    /** Whether an execution is of the workflow asked for; those asked about least recently are forgotten. */
    private final Map<ExecutionId, Boolean> ofWorkflow = new LinkedHashMap<>(1_024, 0.75f, true) {
        @Serial
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ExecutionId, Boolean> eldest) {
            return size() > KNOWN_WORKFLOWS;
        }
    };

    /**
     * @param log the database of the log
     * @param target the database of the schema
     * @param schema its name
     * @param replace whether it may be there already, if a replay made it
     * @throws RefusedException when the name is no schema's, or one that the server or PostgreSQL uses
     */
    public SchemaReplay(DataSource log, DataSource target, String schema, boolean replace) {
        if (!NAME.matcher(schema).matches()) {
            throw new RefusedException(
                    "A schema's name has 1 to 63 lower-case letters, digits and underscores, and no digit first.");
        }
        if (TAKEN.matcher(schema).matches()) {
            throw new RefusedException("The schema " + schema + " is not for replays.");
        }
        this.eventLog = new EventLog(log);
        this.log = new JdbcTemplate(log);
        this.target = target;
        this.schema = schema;
        this.replace = replace;
    }

    /**
     * Folds.
     *
     * @throws RefusedException when the schema is there already
     * @throws StoppedException at an event that cannot be folded
     */
    public Outcome run(Part part, Progress progress) throws InterruptedException {
        var began = System.nanoTime();
        var head = eventLog.head().position();
        var to = part.to() == null ? head : Math.min(head, part.to());
        try (var own = target.getConnection()) {
            var work = new Work(own, part, Math.max(part.from() - 1, to), progress);
            work.prepare();
            work.fold();
            var rows = work.finish();
            return new Outcome(work.position, work.events, rows, Duration.ofNanos(System.nanoTime() - began));
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("no connection to the database of the schema", e);
        }
    }

    private final class Work {

        private final JdbcTemplate jdbc;
        private final TransactionTemplate transaction;
        private final Part part;
        private final long to;
        private final Progress progress;
        private final ReadModelFold fold;
        private Skips skips;
        private long position;
        private long events;
        private long read;

        Work(Connection own, Part part, long to, Progress progress) {
            var dataSource = new SingleConnectionDataSource(own, true);
            this.jdbc = new JdbcTemplate(dataSource);
            this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
            this.part = part;
            this.to = to;
            this.progress = progress;
            var remembered = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16);
            this.fold = part.from() == 1
                    ? ReadModelFold.remembering(ReadModelTables.of(jdbc), remembered)
                    : ReadModelFold.ofAPart(ReadModelTables.of(jdbc), remembered);
            this.skips = decidedSkips();
            this.position = part.from() - 1;
        }

        /** As the server skips; a log without the server's own tables has none. */
        private Skips decidedSkips() {
            var there =
                    log.queryForObject("select to_regclass('operations.projection_skip') is not null", Boolean.class);
            return Boolean.TRUE.equals(there) ? new ProjectionJournal(JdbcClient.create(log)).skips() : Skips.NONE;
        }

        void prepare() {
            var mark = jdbc
                    .query(
                            "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace where nspname = ?",
                            (row, number) -> row.getString(1),
                            schema)
                    .stream()
                    .findFirst();
            if (mark.isPresent() && !replace) {
                throw new RefusedException("The schema " + schema + " is there already.");
            }
            if (mark.isPresent() && !mark.get().equals(MARK)) {
                throw new RefusedException("The schema " + schema + " was not made by a replay.");
            }
            jdbc.execute("set synchronous_commit = off");
            transaction.executeWithoutResult(ignored -> {
                jdbc.execute("drop schema if exists " + schema + " cascade");
                jdbc.execute("create schema " + schema);
                jdbc.execute("comment on schema " + schema + " is '" + MARK + "'");
                jdbc.execute("set local search_path = " + schema);
                ReadModelSchema.createTables(jdbc);
                jdbc.update("""
                        insert into projection_token (name, position, code_version, indexed, claimed_at)
                        values (?, ?, ?, false, clock_timestamp())
                        """, ReadModelSchema.PROJECTION, position, ReadModelSchema.CODE_VERSION);
            });
            jdbc.execute("set search_path = " + schema);
        }

        void fold() throws InterruptedException {
            while (position < to) {
                try {
                    foldOn();
                } catch (PoisonEventException e) {
                    if (isOfPart(e.position)) {
                        throw new StoppedException(String.valueOf(e.getMessage()));
                    }
                    var more = new HashSet<>(skips.positions());
                    more.add(e.position);
                    skips = new Skips(more);
                }
            }
        }

        private void foldOn() throws InterruptedException {
            try (var replay = new LogReplay(eventLog, skips, position, to)) {
                while (true) {
                    var next = replay.take(() -> {});
                    read += next.read();
                    write(ofPart(next.events()), next.last());
                    progress.at(position, to, read);
                    next.requireNoFailure();
                    if (next.end()) {
                        return;
                    }
                }
            }
        }

        private void write(List<RecordedEvent> batch, long last) {
            try {
                transaction.executeWithoutResult(ignored -> {
                    if (!batch.isEmpty()) {
                        fold.apply(batch, skips);
                    }
                    jdbc.update("update projection_token set position = ?", last);
                });
                position = last;
                events += batch.size();
            } catch (PoisonEventException e) {
                fold.rolledBack();
                upTo(e.position, batch);
                throw e;
            } catch (DataAccessException e) {
                fold.rolledBack();
                if (PassingFailure.is(e) || batch.size() == 1) {
                    throw PassingFailure.is(e)
                            ? e
                            : new PoisonEventException(
                                    batch.getFirst().position(), "cannot be written (" + PassingFailure.told(e) + ")");
                }
                var middle = batch.size() / 2;
                write(batch.subList(0, middle), batch.get(middle - 1).position());
                write(batch.subList(middle, batch.size()), last);
            }
        }

        /** Folds what comes before the event that cannot be folded. */
        private void upTo(long poison, List<RecordedEvent> batch) {
            var before =
                    batch.stream().filter(event -> event.position() < poison).toList();
            if (!before.isEmpty()) {
                write(before, poison - 1);
            }
        }

        private List<RecordedEvent> ofPart(List<RecordedEvent> all) {
            var inNamespace = part.namespace() == null
                    ? all
                    : all.stream()
                            .filter(event -> event.execution().namespace().equals(part.namespace()))
                            .toList();
            if (part.workflow() == null) {
                return inNamespace;
            }
            var wanted = ofWorkflow(inNamespace, part.workflow());
            return inNamespace.stream()
                    .filter(event -> wanted.contains(event.execution()))
                    .toList();
        }

        private boolean isOfPart(long at) {
            var found = eventLog.readAll(at - 1, 1).events().getFirst();
            var execution = ExecutionId.ofStream(found.namespace(), found.stream());
            return (part.namespace() == null || part.namespace().equals(found.namespace()))
                    && (part.workflow() == null
                            || ask(Set.of(execution), part.workflow()).contains(execution));
        }

        Map<String, Long> finish() {
            ReadModelSchema.indexes().forEach(jdbc::execute);
            jdbc.update("update projection_token set position = ?, indexed = true", position);
            var rows = new LinkedHashMap<String, Long>();
            for (var table : ReadModelSchema.TABLES) {
                jdbc.execute("analyze " + table);
                var count = jdbc.queryForObject("select count(*) from " + table, Long.class);
                rows.put(table, count == null ? 0 : count);
            }
            return rows;
        }
    }

    /** The executions of {@code events} that were started as {@code workflow}, whenever that was. */
    private Set<ExecutionId> ofWorkflow(List<RecordedEvent> events, String workflow) {
        var wanted = new HashSet<ExecutionId>();
        var unknown = new LinkedHashSet<ExecutionId>();
        for (var event : events) {
            var known = ofWorkflow.get(event.execution());
            if (known == null) {
                unknown.add(event.execution());
            } else if (known) {
                wanted.add(event.execution());
            }
        }
        if (!unknown.isEmpty()) {
            var found = ask(unknown, workflow);
            unknown.forEach(execution -> ofWorkflow.put(execution, found.contains(execution)));
            wanted.addAll(found);
        }
        return wanted;
    }

    private Set<ExecutionId> ask(Set<ExecutionId> executions, String workflow) {
        return new HashSet<>(log.query(
                """
                select e.namespace, e.stream
                from unnest(?, ?) as k(namespace, stream)
                join event_log.event e
                  on e.namespace = k.namespace
                  and e.stream = k.stream
                  and e.version = 1
                where e.payload ->> 'workflow' = ?
                """,
                (row, number) -> {
                    var stream = new StreamId(row.getString("namespace"), row.getString("stream"));
                    return ExecutionId.ofStream(stream.namespace(), stream.stream());
                },
                executions.stream().map(ExecutionId::namespace).toArray(String[]::new),
                executions.stream().map(ExecutionId::stream).toArray(String[]::new),
                workflow));
    }
}
