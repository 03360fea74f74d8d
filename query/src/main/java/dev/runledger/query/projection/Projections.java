package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventLog;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What people ask of the projection, and have it do. */
@Component
class Projections {

    private final ReadModelProcessor processor;
    private final ReadModelPosition position;
    private final Rebuilds rebuilds;
    private final Verifications verifications;
    private final ProjectionJournal journal;
    private final EventLog eventLog;
    private final JdbcClient jdbc;

    Projections(
            ReadModelProcessor processor,
            ReadModelPosition position,
            Rebuilds rebuilds,
            Verifications verifications,
            ProjectionJournal journal,
            EventLog eventLog,
            JdbcClient jdbc) {
        this.processor = processor;
        this.position = position;
        this.rebuilds = rebuilds;
        this.verifications = verifications;
        this.journal = journal;
        this.eventLog = eventLog;
        this.jdbc = jdbc;
    }

    ProjectionAnswer readModel() {
        var state = processor.state();
        var head = eventLog.head().position();
        var awaited = position.awaited();
        var reached = awaited == null ? position.reached() : 0;
        var token = processor.token();
        var lag = awaited == null ? processor.lagInSeconds() : Double.NaN;
        return new ProjectionAnswer(
                ReadModelSchema.PROJECTION,
                state,
                reached,
                Math.max(head, reached),
                Math.max(0, head - reached),
                Double.isNaN(lag) ? 0 : Math.round(lag * 1e3),
                ReadModelSchema.CODE_VERSION,
                token == null ? null : token.owner(),
                rows(),
                processor.poison(),
                journal.skipped(),
                journal.lastRebuild().orElse(null),
                journal.lastDrift().orElse(null));
    }

    ProjectionAnswer pause() {
        mustBeThere();
        processor.pause();
        return readModel();
    }

    ProjectionAnswer resume() {
        mustBeThere();
        processor.resume();
        return readModel();
    }

    Rebuild rebuild(String reason) {
        var begun = rebuilds.request(reason);
        processor.look();
        return begun;
    }

    /**
     * Compares the tables with the log.
     *
     * @param sample how many executions to choose by chance; null for all
     * @return null when it takes longer than a request should; the report is found with the projection later
     */
    @Nullable
    DriftReport verify(@Nullable Integer sample) {
        mustBeThere();
        return verifications.verify(sample);
    }

    Rebuild cancelRebuild() {
        return rebuilds.cancel();
    }

    /**
     * Skips the event that stops the projection, or that failed the last rebuild.
     *
     * @param at its position; null for whatever stops it
     * @throws QueryProblem when nothing stops there, or skipping does not help
     */
    ProjectionAnswer skip(@Nullable Long at, String reason) {
        var stops = stops();
        if (stops == null) {
            throw QueryProblem.conflict("No event stops the projection.");
        }
        if (at != null && at != stops.position()) {
            throw QueryProblem.conflict(
                    "It is the event at position " + stops.position() + " that stops the projection.");
        }
        if (processor.poison() != null && position.awaited() == null && isBehindAGap(stops.position())) {
            throw QueryProblem.conflict("The event at position " + stops.position()
                    + " is whole; rows of its execution miss events before it. Skipping would keep that; a rebuild"
                    + " makes the rows anew.");
        }
        journal.skip(stops.position(), reason, stops.reason());
        processor.look();
        return readModel();
    }

    /**
     * Takes back that the event at {@code at} is skipped. Rows that were made without it stay so until the next rebuild.
     *
     * @throws QueryProblem when it was not skipped
     */
    ProjectionAnswer unskip(long at) {
        if (!journal.unskip(at)) {
            throw QueryProblem.notFound("skip of position " + at);
        }
        processor.look();
        return readModel();
    }

    /** Whether the rows of the event's execution hold less than all events before it. */
    private boolean isBehindAGap(long at) {
        var found = eventLog.readAll(at - 1, 1).events();
        if (found.isEmpty() || !ExecutionId.isStream(found.getFirst().stream())) {
            return false;
        }
        var event = found.getFirst();
        var execution = ExecutionId.ofStream(event.namespace(), event.stream());
        var held = jdbc.sql("""
                        select version
                        from read_model.executions
                        where namespace = :namespace
                          and execution_id = :id
                        """)
                .param("namespace", execution.namespace())
                .param("id", execution.id())
                .query(Long.class)
                .optional()
                .orElse(0L);
        return event.version() > held + 1;
    }

    private @Nullable Poison stops() {
        var poison = processor.poison();
        return poison != null
                ? poison
                : journal.lastRebuild()
                        .filter(last -> last.state() == Rebuild.State.FAILED
                                && last.failedPosition() != null
                                && !journal.skips().contains(last.failedPosition()))
                        .map(last ->
                                new Poison(Objects.requireNonNull(last.failedPosition()), String.valueOf(last.error())))
                        .orElse(null);
    }

    private void mustBeThere() {
        var awaited = position.awaited();
        if (awaited != null) {
            throw QueryProblem.rebuilding(awaited);
        }
    }

    private Map<String, Long> rows() {
        var rows = new LinkedHashMap<String, Long>();
        jdbc.sql("""
                        select relname, pg_stat_get_live_tuples(oid) as rows
                        from pg_class
                        where relnamespace = to_regnamespace('read_model')
                          and relname = any(:tables)
                        order by array_position(:tables, relname::text)
                        """)
                .param("tables", ReadModelSchema.TABLES.toArray(String[]::new))
                .query(row -> {
                    rows.put(row.getString("relname"), row.getLong("rows"));
                });
        return rows;
    }
}
