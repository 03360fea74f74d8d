package dev.runledger.query.projection;

import dev.runledger.eventstore.EventLog;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Has rebuilds done: those that people ask for, and those without which nothing could be read. */
@Component
final class Rebuilds {

    private static final Logger log = LoggerFactory.getLogger(Rebuilds.class);

    /** After a rebuild that nobody asked for has failed, the next one waits so long. */
    private static final Duration BETWEEN_FAILURES = Duration.ofSeconds(30);

    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

    private final ReadModelConnections connections;
    private final EventLog eventLog;
    private final ReadModelSchema schema;
    private final ReadModelPosition position;
    private final ProjectionJournal journal;
    private final ProjectionNode node;

    private Consumer<RebuildRun.End> ended = end -> {};
    private @Nullable RebuildRun run;
    private @Nullable Thread worker;
    private boolean stopped = true;

    Rebuilds(
            ReadModelConnections connections,
            EventLog eventLog,
            ReadModelSchema schema,
            ReadModelPosition position,
            ProjectionJournal journal,
            ProjectionNode node) {
        this.connections = connections;
        this.eventLog = eventLog;
        this.schema = schema;
        this.position = position;
        this.journal = journal;
        this.node = node;
    }

    /** @param ended what to do when a stretch of work has ended here */
    synchronized void start(Consumer<RebuildRun.End> ended) {
        this.ended = ended;
        stopped = false;
    }

    /** Breaks off what is under way; another node, or the next start, goes on with it. */
    void stop() {
        Thread working;
        synchronized (this) {
            stopped = true;
            working = worker;
            if (run != null) {
                run.stop();
            }
        }
        if (working != null) {
            working.interrupt();
            try {
                if (!working.join(LONGEST_STOP)) {
                    log.warn("the rebuild does not stop");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Begins a rebuild.
     *
     * @throws QueryProblem when one is under way
     */
    Rebuild request(String reason) {
        if (!journal.begin(UUID.randomUUID(), reason, eventLog.head().position())) {
            throw QueryProblem.conflict("A rebuild is under way already.");
        }
        return journal.lastRebuild().orElseThrow();
    }

    /**
     * Ends the rebuild that is under way and drops what it has made.
     *
     * @throws QueryProblem when none is
     */
    Rebuild cancel() {
        var running = journal.running();
        if (running == null || !journal.end(running, Rebuild.State.CANCELLED, null, null)) {
            throw QueryProblem.notFound("rebuild under way");
        }
        return journal.lastRebuild().orElseThrow();
    }

    /**
     * Works on what there is to do, unless this node does already.
     *
     * @param lost whether the tables are not there, so that they have to be made without being asked for
     */
    void work(boolean lost) {
        synchronized (this) {
            if (stopped || worker != null) {
                return;
            }
        }
        var id = journal.running();
        if (id == null && lost && mayBegin()) {
            journal.cancelOfOtherCode();
            if (journal.begin(
                    UUID.randomUUID(),
                    "the tables are not there",
                    eventLog.head().position())) {
                log.info("the tables of the read model are rebuilt");
            }
            id = journal.running();
        }
        if (lost) {
            journal.lastRebuild()
                    .filter(last -> last.state() == Rebuild.State.RUNNING)
                    .ifPresent(last -> position.awaiting(last.position(), last.head()));
        }
        if (id != null) {
            begin(id);
        }
    }

    private boolean mayBegin() {
        if (schema.isOfNewerCode()) {
            return false;
        }
        var last = journal.lastRebuild().orElse(null);
        if (last == null || last.state() != Rebuild.State.FAILED || last.endedAt() == null) {
            return true;
        }
        return last.failedPosition() == null
                ? Instant.parse(last.endedAt()).plus(BETWEEN_FAILURES).isBefore(Instant.now())
                : journal.skips().contains(last.failedPosition());
    }

    private synchronized void begin(UUID id) {
        if (stopped || worker != null) {
            return;
        }
        var next = new RebuildRun(
                id,
                connections,
                eventLog,
                node.id(),
                progress -> position.awaiting(progress.position(), progress.head()));
        run = next;
        worker = Thread.ofPlatform().daemon().name("read-model-rebuild").start(() -> run(next));
    }

    private void run(RebuildRun next) {
        var end = RebuildRun.End.BROKEN_OFF;
        try {
            end = next.run();
        } finally {
            Consumer<RebuildRun.End> tell;
            synchronized (this) {
                worker = null;
                run = null;
                tell = stopped ? ignored -> {} : ended;
            }
            tell.accept(end);
        }
    }
}
