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

    /** Other code that has begun a rebuild and does not work on it for so long does so no more. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

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

    /** What stands in the way of tables that are lost; null while nothing does, or none are lost. */
    private volatile @Nullable Poison failure;

    // Of the one thread that watches.
    private @Nullable UUID ofOtherCode;
    private Instant idleSince = Instant.MAX;

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
        var running = journal.runningOfAnyCode();
        if (running != null && !running.equals(journal.running()) && RebuildRun.isIdle(connections)) {
            journal.end(running, Rebuild.State.CANCELLED, null, null);
        }
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
        var running = journal.runningOfAnyCode();
        if (running == null || !journal.end(running, Rebuild.State.CANCELLED, null, null)) {
            throw QueryProblem.notFound("rebuild under way");
        }
        return journal.lastRebuild().orElseThrow();
    }

    /** The event because of which lost tables do not come back; null while nothing is known to be in the way. */
    @Nullable
    Poison failure() {
        return failure;
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
            journal.lastRebuild().ifPresent(this::tell);
        } else {
            failure = null;
        }
        if (id != null) {
            begin(id);
        } else if (!isWorkedOnElsewhere() && journal.hasLeftovers()) {
            removeLeftovers();
        }
    }

    private void tell(Rebuild last) {
        var at = last.failedPosition();
        failure = last.state() == Rebuild.State.FAILED && at != null
                ? new Poison(at, String.valueOf(last.error()))
                : null;
        switch (last.state()) {
            case RUNNING -> position.awaiting(last.position(), last.head(), null);
            case FAILED -> position.awaiting(last.position(), last.head(), last.error());
            case DONE, CANCELLED -> {
                // The next one says more.
            }
        }
    }

    /** Whether other code rebuilds; what it has left is ended. */
    private boolean isWorkedOnElsewhere() {
        var running = journal.runningOfAnyCode();
        if (running == null) {
            ofOtherCode = null;
            return false;
        }
        var now = Instant.now();
        if (!running.equals(ofOtherCode) || !RebuildRun.isIdle(connections)) {
            ofOtherCode = running;
            idleSince = now;
        }
        if (Duration.between(idleSince, now).compareTo(LONGEST_PAUSE) < 0) {
            return true;
        }
        log.info("the rebuild {} of other code is given up: nobody works on it", running);
        journal.end(running, Rebuild.State.CANCELLED, null, null);
        return false;
    }

    private synchronized void removeLeftovers() {
        if (!stopped && worker == null) {
            worker = Thread.ofPlatform().daemon().name("read-model-leftovers").start(() -> {
                try {
                    RebuildRun.removeLeftovers(connections, () -> journal.runningOfAnyCode() == null);
                } finally {
                    synchronized (this) {
                        worker = null;
                    }
                }
            });
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
                progress -> position.awaiting(progress.position(), progress.head(), null));
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
