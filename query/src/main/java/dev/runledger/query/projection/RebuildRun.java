package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventLog;
import dev.runledger.query.ReadModelSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One stretch of work on a rebuild: folds the log into {@code read_model_next} from its checkpoint on, makes the
 * indexes, compares, and renames the tables into the place of those that are shown. Broken off at any point, the next
 * stretch goes on from what was committed. Its connection holds an advisory lock, so that no two work at once.
 */
final class RebuildRun {

    private static final Logger log = LoggerFactory.getLogger(RebuildRun.class);

    /** Names the work on {@code read_model_next} among the database's advisory locks. */
    private static final long LOCK = 0x72756e6c65646e78L;

    /** Held by a second session as long as its backend lives, which may be a second longer than the run. */
    private static final long SECOND_LOCK = LOCK + 1;

    /** What is remembered of executions that are still open, where the heap is large enough. */
    private static final long MOST_REMEMBERED_BYTES = 64L << 20;

    /** Compared in one short transaction: a longer one would keep dead rows for all who append meanwhile. */
    private static final int EXECUTIONS_AT_ONCE = 2_000;

    /** And no fewer, where somebody appends; as many as take {@link #SHORT_NANOS}. */
    private static final int FEWEST_EXECUTIONS_AT_ONCE = 50;

    private static final double SHORT_NANOS = 3e7;

    /** Tables that are about as much work to compare as all others. */
    private static final List<String> PARTS_OF_STEPS = List.of("steps", "step_attempts");

    private static final long PATIENCE_MILLIS = 500;

    /** While tables are compared the rebuild follows the log at least this often. */
    private static final double LONGEST_COMPARISON_NANOS = 1e9;

    /** So many events are folded while the live projection waits: far less than a second's work. */
    private static final long MOST_EVENTS_WHILE_OTHERS_WAIT = 2_000;

    /** After so many attempts to get that near, the live projection has to wait longer. */
    private static final int MOST_APPROACHES = 50;

    /** How a stretch of work ended. */
    enum End {
        /** The tables were replaced. */
        DONE,
        CANCELLED,
        FAILED,
        /** Another node works on it. */
        ELSEWHERE,
        /** The connection was lost or the node stops; somebody has to go on. */
        BROKEN_OFF
    }

    private final UUID id;
    private final ReadModelConnections connections;
    private final EventLog eventLog;
    private final String node;
    private final Consumer<RebuildProgress> listener;

    private volatile boolean stopped;

    /** Those that are open. */
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    private final RebuildPace pace = new RebuildPace();

    // Of the one thread that runs.
    private long position;
    private long head;
    private long read;
    private @Nullable Double rate;
    private long lookedAt;
    private long positionThen;
    private Skips skips = Skips.NONE;
    private @Nullable Session second;
    private @Nullable Connection secondConnection;

    RebuildRun(
            UUID id,
            ReadModelConnections connections,
            EventLog eventLog,
            String node,
            Consumer<RebuildProgress> listener) {
        this.id = id;
        this.connections = connections;
        this.eventLog = eventLog;
        this.node = node;
        this.listener = listener;
    }

    /** What {@link #run} needs while it has a connection. */
    private record Session(
            JdbcTemplate jdbc, TransactionTemplate transaction, ProjectionJournal journal, ReadModelFold fold) {}

    private static final class Cancelled extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;
    }

    /** What was decided to be skipped is not what the tables skip that are made so far. */
    private static final class SkipsChanged extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;
    }

    /** Breaks the work off at the next occasion, as a lost connection would. */
    void stop() {
        stopped = true;
        open.forEach(RebuildRun::abort);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            log.debug("the connection of the rebuild was gone", e);
        }
    }

    /** Works until the rebuild has ended or must be broken off. */
    End run() {
        try (var own = connections.sessions().getConnection()) {
            open.add(own);
            if (stopped) {
                return End.BROKEN_OFF;
            }
            return work(session(own));
        } catch (SQLException e) {
            log.info("the rebuild was broken off: {}", PassingFailure.told(e));
            return End.BROKEN_OFF;
        } finally {
            closeSecond();
            open.clear();
        }
    }

    /** One more session of this run, which ends with it at the latest. */
    private Session second() {
        var known = second;
        if (known != null) {
            return known;
        }
        try {
            var own = connections.sessions().getConnection();
            open.add(own);
            secondConnection = own;
            var opened = session(own);
            prepareSession(opened);
            opened.jdbc().query("select pg_advisory_lock(?)", row -> {}, SECOND_LOCK);
            second = opened;
            return opened;
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("no second connection for the rebuild", e);
        }
    }

    private void closeSecond() {
        var own = secondConnection;
        if (own != null) {
            abort(own);
            open.remove(own);
        }
        second = null;
        secondConnection = null;
    }

    /** Does both at once, on two connections; one after the other where there is no second one to be had. */
    private void both(Session session, Consumer<Session> here, Consumer<Session> there) throws InterruptedException {
        Session other;
        try {
            other = second();
        } catch (DataAccessException e) {
            log.info("the rebuild goes on with one connection: {}", PassingFailure.told(e));
            closeSecond();
            here.accept(session);
            there.accept(session);
            return;
        }
        var task = new FutureTask<@Nullable Void>(() -> there.accept(other), null);
        var thread = Thread.ofPlatform().daemon().name("read-model-rebuild-2").start(task);
        try {
            here.accept(session);
            while (!isDone(task)) {
                tell(session);
            }
        } finally {
            if (!task.isDone()) {
                closeSecond();
            }
            thread.join();
        }
    }

    private static boolean isDone(FutureTask<?> task) throws InterruptedException {
        try {
            task.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("half of the work on a rebuild failed", e.getCause());
        }
    }

    private static Session session(Connection own) {
        var dataSource = new SingleConnectionDataSource(own, true);
        var jdbc = new JdbcTemplate(dataSource);
        var journal = new ProjectionJournal(JdbcClient.create(jdbc));
        return new Session(
                jdbc,
                new TransactionTemplate(new JdbcTransactionManager(dataSource)),
                journal,
                ReadModelFold.remembering(
                        ReadModelTables.of(jdbc),
                        Math.min(MOST_REMEMBERED_BYTES, Runtime.getRuntime().maxMemory() / 16)));
    }

    private End work(Session session) {
        try {
            if (!lock(session, LOCK) || !lock(session, SECOND_LOCK)) {
                return End.ELSEWHERE;
            }
            session.jdbc().queryForObject("select pg_advisory_unlock(?)", Boolean.class, SECOND_LOCK);
            try {
                rebuild(session);
                return End.DONE;
            } catch (Cancelled e) {
                dropNext(session);
                log.info("the rebuild {} was cancelled", id);
                return End.CANCELLED;
            } catch (PoisonEventException e) {
                return failed(session, e, e.position);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return End.BROKEN_OFF;
        } catch (RuntimeException e) {
            return stopped || PassingFailure.is(e) ? brokenOff(e) : failedIfPossible(session, e);
        } catch (Error e) {
            return failedIfPossible(session, e);
        }
    }

    private static boolean lock(Session session, long lock) {
        return Boolean.TRUE.equals(
                session.jdbc().queryForObject("select pg_try_advisory_lock(?)", Boolean.class, lock));
    }

    private End failedIfPossible(Session session, Throwable cause) {
        try {
            return failed(session, cause, null);
        } catch (RuntimeException e) {
            return brokenOff(e);
        }
    }

    private End brokenOff(RuntimeException cause) {
        log.info("the rebuild was broken off at position {}: {}", position, PassingFailure.told(cause));
        return End.BROKEN_OFF;
    }

    private End failed(Session session, Throwable cause, @Nullable Long at) {
        log.error("the rebuild {} failed at position {}: {}", id, position, PassingFailure.told(cause));
        var why = at == null ? cause.getClass().getSimpleName() : String.valueOf(cause.getMessage());
        session.journal().end(id, Rebuild.State.FAILED, why, at);
        dropNext(session);
        return End.FAILED;
    }

    private void rebuild(Session session) throws InterruptedException {
        prepareSession(session);
        var began = System.nanoTime();
        while (true) {
            try {
                make(session);
                break;
            } catch (SkipsChanged e) {
                log.info(
                        "the rebuild {} starts over: it has passed an event about which somebody decided otherwise",
                        id);
                session.fold().rolledBack();
                dropNext(session);
                position = 0;
            }
        }
        log.info(
                "the rebuild {} has ended at position {} after {} s",
                id,
                position,
                Duration.ofNanos(System.nanoTime() - began).toSeconds());
        dropOld(session);
    }

    private static void prepareSession(Session session) {
        session.jdbc().execute("set synchronous_commit = off");
        session.jdbc().execute("set maintenance_work_mem = '128MB'");
        session.jdbc().execute("set client_connection_check_interval = '1s'");
        session.jdbc().execute("set lock_timeout = '10s'");
        // What this session holds is free within half a minute when its host dies without a word.
        session.jdbc().execute("set tcp_keepalives_idle = 10");
        session.jdbc().execute("set tcp_keepalives_interval = 5");
        session.jdbc().execute("set tcp_keepalives_count = 3");
        session.jdbc().execute("set search_path = read_model_next");
    }

    private void make(Session session) throws InterruptedException {
        var indexed = prepare(session);
        lookedAt = System.nanoTime();
        positionThen = position;
        tell(session);
        if (!indexed) {
            follow(session);
            index(session);
        }
        follow(session);
        compare(session);
        replace(session);
    }

    /** Leaves tables of this rebuild behind, and answers whether they have their indexes already. */
    private boolean prepare(Session session) {
        return Objects.requireNonNull(session.transaction().execute(ignored -> {
            session.jdbc().execute("set local lock_timeout = '2s'");
            session.jdbc().execute("drop schema if exists read_model_old cascade");
            var checkpoint = checkpoint(session);
            if (checkpoint != null) {
                position = checkpoint.position();
                skips = session.journal().heeded(id);
                log.info("the rebuild {} goes on at position {}", id, position);
                return checkpoint.indexed();
            }
            session.jdbc().execute("drop schema if exists read_model_next cascade");
            session.jdbc().execute("create schema read_model_next");
            ReadModelSchema.createTables(session.jdbc());
            skips = session.journal().skips();
            session.journal().heeds(id, skips);
            session.jdbc().update("""
                            insert into projection_token (
                              name, position, code_version, rebuild_id, indexed, claimed_at)
                            values (?, 0, ?, ?, false, clock_timestamp())
                            """, ReadModelSchema.PROJECTION, ReadModelSchema.CODE_VERSION, id);
            log.info("the rebuild {} begins", id);
            return false;
        }));
    }

    private record Checkpoint(long position, boolean indexed) {}

    /** How far the tables are that this rebuild has made already; null when it has made none. */
    private @Nullable Checkpoint checkpoint(Session session) {
        var there = session.jdbc()
                .queryForObject("select to_regclass('read_model_next.projection_token') is not null", Boolean.class);
        if (!Boolean.TRUE.equals(there)) {
            return null;
        }
        var mine = session.jdbc().queryForObject("""
                select to_jsonb(t) ->> 'rebuild_id' = ? and to_jsonb(t) ->> 'code_version' = ?
                from read_model_next.projection_token t
                """, Boolean.class, id.toString(), ReadModelSchema.CODE_VERSION);
        return Boolean.TRUE.equals(mine)
                ? session.jdbc()
                        .queryForObject(
                                "select position, indexed from projection_token",
                                (row, number) -> new Checkpoint(row.getLong("position"), row.getBoolean("indexed")))
                : null;
    }

    /** Folds until where the log ends at the moment, however fast it grows. */
    private void follow(Session session) throws InterruptedException {
        var target = eventLog.head().position();
        pace.anew();
        heed(session);
        while (position < target) {
            try {
                follow(session, target);
            } catch (PoisonEventException e) {
                if (!session.journal().skips().contains(e.position)) {
                    throw e;
                }
                heed(session);
            }
        }
    }

    /** Skips what people decided to skip, from here on; they may decide while the rebuild runs. */
    private void heed(Session session) {
        var decided = session.journal().skips();
        if (decided.equals(skips)) {
            return;
        }
        if (!decided.upTo(position).equals(skips.upTo(position))) {
            throw new SkipsChanged();
        }
        skips = decided;
        session.journal().heeds(id, decided);
    }

    private void follow(Session session, long target) throws InterruptedException {
        try (var replay = new LogReplay(eventLog, skips, position, target, pace.isGentle())) {
            while (true) {
                replay.inSmallParts(pace.isGentle());
                var part = replay.take(() -> tell(session));
                var began = System.nanoTime();
                write(session, part.events(), part.last());
                read += part.read();
                progress(session);
                part.requireNoFailure();
                if (part.end()) {
                    return;
                }
                giveWay(System.nanoTime() - began);
            }
        }
    }

    private void write(Session session, List<RecordedEvent> batch, long last) {
        if (last == position) {
            return;
        }
        try {
            session.transaction().executeWithoutResult(ignored -> {
                if (!batch.isEmpty()) {
                    session.fold().apply(batch, skips);
                }
                moved(session, last);
            });
        } catch (PoisonEventException e) {
            session.fold().rolledBack();
            throw e;
        } catch (DataAccessException e) {
            session.fold().rolledBack();
            if (PassingFailure.is(e)) {
                throw e;
            }
            writeOneByOne(session, batch);
            throw e;
        }
        position = last;
    }

    /** Finds the event that cannot be written. */
    private void writeOneByOne(Session session, List<RecordedEvent> batch) {
        for (var event : batch) {
            try {
                session.transaction().executeWithoutResult(ignored -> {
                    session.fold().apply(List.of(event), skips);
                    moved(session, event.position());
                });
                position = event.position();
            } catch (DataAccessException e) {
                if (PassingFailure.is(e)) {
                    throw e;
                }
                session.fold().rolledBack();
                throw new PoisonEventException(event.position(), "cannot be written (" + PassingFailure.told(e) + ")");
            }
        }
    }

    private static void moved(Session session, long last) {
        session.jdbc().update("update projection_token set position = ?", last);
    }

    /** Tells everybody how far it is, once a second and at the end of the log. */
    private void progress(Session session) {
        if (System.nanoTime() - lookedAt > 1e9 || position >= head) {
            tell(session);
        }
    }

    private void tell(Session session) {
        if (stopped) {
            throw new RecoverableDataAccessException("the node stops");
        }
        var now = System.nanoTime();
        var took = now - lookedAt;
        head = eventLog.head().position();
        if (took > 1e8) {
            var since = (position - positionThen) / (took / 1e9);
            rate = rate == null ? since : rate * 0.7 + since * 0.3;
            lookedAt = now;
            positionThen = position;
        }
        var progress = new RebuildProgress(position, Math.max(head, position), read, rate);
        read = 0;
        if (!session.journal().progressed(id, node, progress)) {
            throw new Cancelled();
        }
        listener.accept(progress);
    }

    /** Leaves time to those who append, where there are any, as long as their log does not run away. */
    private void giveWay(long worked) throws InterruptedException {
        look();
        rest(pace.rest(worked, head - position));
    }

    private void look() {
        head = eventLog.head().position();
        pace.look(head, System.nanoTime());
    }

    private void rest(Duration rest) throws InterruptedException {
        if (rest.isPositive()) {
            Thread.sleep(rest);
            look();
        }
    }

    /** Makes the indexes, those of the largest tables first. */
    private void index(Session session) throws InterruptedException {
        var tables = session.jdbc().query("""
                select relname
                from pg_class
                where relnamespace = 'read_model_next'::regnamespace
                  and relname = any(?)
                order by pg_relation_size(oid) desc
                """, (row, number) -> row.getString("relname"), (Object)
                ReadModelSchema.TABLES.toArray(String[]::new));
        everything(session, ReadModelSchema.indexes(tables));
        everything(session, tables.stream().map(table -> "analyze " + table).toList());
        session.jdbc().update("update projection_token set indexed = true");
    }

    /** Runs statements that do not wait for each other: two at once while nobody appends. */
    private void everything(Session session, List<String> statements) throws InterruptedException {
        var left = new ConcurrentLinkedQueue<>(statements);
        look();
        both(
                session,
                own -> {
                    while (pace.isIdle() && executed(own, left)) {
                        progress(own);
                        look();
                    }
                },
                own -> {
                    while (pace.isIdle() && executed(own, left)) {
                        // Until there is nothing left, or somebody appends.
                    }
                });
        for (var began = System.nanoTime(); executed(session, left); began = System.nanoTime()) {
            progress(session);
            rest(pace.rest(System.nanoTime() - began));
        }
    }

    private static boolean executed(Session session, Queue<String> statements) {
        var next = statements.poll();
        if (next != null) {
            session.jdbc().execute(next);
        }
        return next != null;
    }

    /**
     * Reports how the tables that are shown differ, some executions after the other, and follows the log meanwhile.
     * Executions that only one of both has followed do not count. Of those that begin meanwhile, with identifiers that
     * come behind all others as those do that are made of the time, no more are looked at than share the last range: who
     * writes fast enough would always be ahead.
     */
    private void compare(Session session) throws InterruptedException {
        var comparison = new TableComparison();
        var last = lastExecution(session);
        var followed = System.nanoTime();
        var runsAwayAt = 2 * position;
        var atOnce = FEWEST_EXECUTIONS_AT_ONCE;
        for (ExecutionId after = null; ; ) {
            var began = System.nanoTime();
            look();
            atOnce = pace.isGentle() ? atOnce : EXECUTIONS_AT_ONCE;
            var upTo = lastOfRange(session, after, atOnce);
            if (!compared(session, comparison, new TableComparison.Scope.RangeWithout(after, upTo))) {
                log.info("there is nothing to compare the tables of the rebuild {} with", id);
                return;
            }
            var took = System.nanoTime() - began;
            atOnce = (int) Math.clamp(atOnce * SHORT_NANOS / took, FEWEST_EXECUTIONS_AT_ONCE, EXECUTIONS_AT_ONCE);
            rest(head < runsAwayAt ? pace.rest(took) : Duration.ZERO);
            if (upTo == null || isBehind(session, upTo, last)) {
                break;
            }
            after = upTo;
            if (System.nanoTime() - followed > LONGEST_COMPARISON_NANOS) {
                tell(session);
                follow(session);
                followed = System.nanoTime();
            }
        }
        var report = comparison.report(DriftReport.Kind.REBUILD, Instant.now(), position);
        session.journal().add(report, id);
        if (report.rows() > 0) {
            log.warn(
                    "the rebuild {} found {} missing, {} extra and {} different rows in the tables that it replaces",
                    id,
                    report.missing(),
                    report.extra(),
                    report.different());
        }
    }

    /** The last execution that the rebuild has made so far; null when it has made none. */
    private static @Nullable ExecutionId lastExecution(Session session) {
        return session.jdbc().query("""
                        select namespace, execution_id
                        from executions
                        order by namespace desc, execution_id desc
                        limit 1
                        """, Verification.EXECUTION).stream()
                .findFirst()
                .orElse(null);
    }

    /** By the order of the database. */
    private static boolean isBehind(Session session, ExecutionId execution, @Nullable ExecutionId last) {
        return last == null
                || Boolean.TRUE.equals(session.jdbc()
                        .queryForObject(
                                "select (?, ?::uuid) > (?, ?::uuid)",
                                Boolean.class,
                                execution.namespace(),
                                execution.id(),
                                last.namespace(),
                                last.id()));
    }

    /** The last execution of the range that begins behind {@code after}; null when it goes on to the end. */
    private static @Nullable ExecutionId lastOfRange(Session session, @Nullable ExecutionId after, int executions) {
        return session
                .jdbc()
                .query(
                        """
                        select namespace, execution_id
                        from executions
                        where (namespace, execution_id) > (?, ?)
                        order by namespace, execution_id
                        limit 1
                        offset ?
                        """,
                        Verification.EXECUTION,
                        after == null ? "" : after.namespace(),
                        after == null ? new UUID(0, 0) : after.id(),
                        executions - 1)
                .stream()
                .findFirst()
                .orElse(null);
    }

    /** Answers whether there were tables to compare with. */
    private boolean compared(Session session, TableComparison comparison, TableComparison.Scope.RangeWithout range)
            throws InterruptedException {
        if (!pace.isIdle()) {
            return compared(session, comparison, range, ReadModelSchema.TABLES);
        }
        var there = new AtomicBoolean(true);
        var rest = new TableComparison();
        both(
                session,
                own -> there.compareAndSet(true, compared(own, comparison, range, without(PARTS_OF_STEPS))),
                own -> there.compareAndSet(true, compared(own, rest, range, PARTS_OF_STEPS)));
        comparison.add(rest);
        return there.get();
    }

    private static List<String> without(List<String> tables) {
        return ReadModelSchema.TABLES.stream()
                .filter(table -> !tables.contains(table))
                .toList();
    }

    private static boolean compared(
            Session session,
            TableComparison comparison,
            TableComparison.Scope.RangeWithout range,
            List<String> tables) {
        try {
            return Boolean.TRUE.equals(session.transaction().execute(ignored -> {
                session.jdbc().execute("set transaction isolation level repeatable read");
                var shown = livePosition(session, false);
                if (shown == null) {
                    return false;
                }
                // The range is a small part of the tables, which the planner cannot see.
                session.jdbc().execute("set local enable_seqscan = off");
                session.jdbc().execute("set local jit = off");
                session.jdbc()
                        .execute("create temp table if not exists scope (namespace text, execution_id uuid)"
                                + " on commit delete rows");
                session.jdbc()
                        .update(
                                "insert into scope select namespace, execution_id from executions e where "
                                        + range.bounds("e") + " and position > ?"
                                        + " union select namespace, execution_id from read_model.executions a where "
                                        + range.bounds("a")
                                        + " and position > (select position from projection_token) and position <= ?",
                                parameters(range, shown));
                comparison.compare(session.jdbc(), range, tables);
                return true;
            }));
        } catch (DataAccessException e) {
            if (ReadModelSchema.isMissing(e)) {
                return false;
            }
            throw e;
        }
    }

    private static Object[] parameters(TableComparison.Scope.RangeWithout range, long shown) {
        var parameters = new ArrayList<>(range.values());
        parameters.add(shown);
        parameters.addAll(range.values());
        parameters.add(shown);
        return parameters.toArray();
    }

    /**
     * The position of the tables that are shown, null when there are none that can be compared or followed. Every code
     * version has the columns that are named here.
     */
    private static @Nullable Long livePosition(Session session, boolean held) {
        var there = session.jdbc().queryForObject("""
                        select count(*)
                        from pg_class
                        where relnamespace = to_regnamespace('read_model')
                          and relname = any(?)
                        """, Integer.class, (Object) tablesAndToken());
        if (there == null || there <= ReadModelSchema.TABLES.size()) {
            return null;
        }
        return session
                .jdbc()
                .queryForList(
                        held
                                ? "select position from read_model.projection_token where name = ? for update"
                                : "select position from read_model.projection_token where name = ?",
                        Long.class,
                        ReadModelSchema.PROJECTION)
                .stream()
                .findFirst()
                .orElse(null);
    }

    private static String[] tablesAndToken() {
        var names = new ArrayList<>(ReadModelSchema.TABLES);
        names.add("projection_token");
        return names.toArray(String[]::new);
    }

    /**
     * Comes near enough and takes the place of the tables that are shown. It gives way to nobody: what is not folded
     * before is folded while the live projection waits.
     */
    private void replace(Session session) throws InterruptedException {
        pace.hurry();
        for (var approach = 1; ; approach++) {
            tell(session);
            follow(session);
            try {
                if (replaced(session, approach > MOST_APPROACHES)) {
                    return;
                }
            } catch (PoisonEventException e) {
                // Following it once more finds whether it is skipped by now.
                session.fold().rolledBack();
            } catch (DataAccessException e) {
                if (!PassingFailure.isLock(e)) {
                    throw e;
                }
                session.fold().rolledBack();
                log.debug("somebody holds the tables that are to be replaced");
            }
        }
    }

    /**
     * Renames both schemas in one transaction. The live projection's token row is held meanwhile: a batch of it either
     * committed before and is folded here, or finds its claim gone.
     */
    private boolean replaced(Session session, boolean however) {
        var before = position;
        var done = false;
        try {
            done = Objects.requireNonNull(
                    session.transaction().execute(transaction -> renamed(session, transaction, however)));
        } finally {
            if (!done) {
                position = before;
            }
        }
        if (done) {
            listener.accept(new RebuildProgress(position, Math.max(head, position), 0, rate));
        }
        return done;
    }

    private boolean renamed(Session session, TransactionStatus transaction, boolean however) {
        session.jdbc().execute("set local lock_timeout = '500ms'");
        session.jdbc().execute("set local idle_in_transaction_session_timeout = '5s'");
        session.jdbc().execute("set local synchronous_commit = on");
        var live = livePosition(session, true);
        if (live != null && live > position) {
            if (live - position > MOST_EVENTS_WHILE_OTHERS_WAIT && !however) {
                transaction.setRollbackOnly();
                return false;
            }
            catchUp(session, live);
        }
        if (!session.journal().skips().equals(skips)) {
            transaction.setRollbackOnly();
            session.fold().rolledBack();
            return false;
        }
        var paused = live == null ? null : pausedAt(session);
        session.jdbc().update("update projection_token set owner = null, paused_at = ?::timestamptz", paused);
        if (live != null) {
            session.jdbc().update("update read_model.projection_token set owner = null");
        }
        session.journal().progressed(id, node, new RebuildProgress(position, Math.max(head, position), read, rate));
        read = 0;
        if (!session.journal().end(id, Rebuild.State.DONE, null, null)) {
            throw new Cancelled();
        }
        var there = session.jdbc().queryForObject("select to_regnamespace('read_model') is not null", Boolean.class);
        if (Boolean.TRUE.equals(there)) {
            session.jdbc().execute("alter schema read_model rename to read_model_old");
        }
        session.jdbc().execute("alter schema read_model_next rename to read_model");
        return true;
    }

    private static @Nullable String pausedAt(Session session) {
        return session
                .jdbc()
                .queryForList("select to_jsonb(t) ->> 'paused_at' from read_model.projection_token t", String.class)
                .stream()
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Folds up to {@code to} in the transaction that is open. */
    private void catchUp(Session session, long to) {
        while (position < to) {
            var page = eventLog.readAll(position, (int) Math.min(to - position, EventLog.MAX_PAGE_EVENTS));
            var events = new ArrayList<RecordedEvent>();
            for (var stored : page.events()) {
                var event = LoggedEvents.of(stored, skips);
                if (event != null) {
                    events.add(event);
                }
            }
            if (!events.isEmpty()) {
                session.fold().apply(events, skips);
            }
            var last = page.events().getLast().position();
            moved(session, last);
            read += page.events().size();
            position = last;
        }
    }

    /**
     * Removes tables that nobody makes or replaces any more, unless somebody works on a rebuild or holds them.
     *
     * @param mayRemove asked again once nobody else can begin to work
     */
    static void removeLeftovers(ReadModelConnections connections, BooleanSupplier mayRemove) {
        try (var own = connections.sessions().getConnection()) {
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(own, true));
            if (!Boolean.TRUE.equals(jdbc.queryForObject("select pg_try_advisory_lock(?)", Boolean.class, LOCK))
                    || !mayRemove.getAsBoolean()) {
                return;
            }
            jdbc.execute("set lock_timeout = '500ms'");
            jdbc.execute("drop schema if exists read_model_old cascade");
            jdbc.execute("drop schema if exists read_model_next cascade");
            log.info("tables that a rebuild left behind are removed");
        } catch (DataAccessException | SQLException e) {
            log.info("tables that a rebuild left behind are removed later: {}", PassingFailure.told(e));
        }
    }

    /** Whether nobody works on a rebuild, on whatever node and by whatever code. */
    static boolean isIdle(ReadModelConnections connections) {
        try (var own = connections.sessions().getConnection()) {
            return Boolean.TRUE.equals(new JdbcTemplate(new SingleConnectionDataSource(own, true))
                    .queryForObject("select pg_try_advisory_lock(?)", Boolean.class, LOCK));
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("no connection to look for the rebuild by", e);
        }
    }

    private static void dropNext(Session session) {
        session.jdbc().execute("drop schema if exists read_model_next cascade");
    }

    /** Queries that began before may still read the old tables. */
    private static void dropOld(Session session) {
        try {
            session.jdbc().execute("set lock_timeout = '5s'");
            session.jdbc().execute("drop schema if exists read_model_old cascade");
        } catch (DataAccessException e) {
            log.info("the replaced tables of the read model are dropped later: {}", PassingFailure.told(e));
        }
    }
}
