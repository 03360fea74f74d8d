package dev.runledger.query.past;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.LongEvents;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.AsOf;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import dev.runledger.query.past.LoggedPages.Logged;
import dev.runledger.query.past.PastMemory.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Executions as they were: the log folded again, up to an event.
 *
 * <p>A history of {@link History#EVERY} events or more is kept for a while, as marks in memory; it is folded once, by one
 * request at a time, and what was folded is kept even where a request could not go on to the end. Nothing of it is
 * written anywhere: a mark holds contents, and what an erasure removes must not be found in another place.
 */
@Component
public class PastExecutions {

    private final EventLog log;
    private final Reads reads;
    private final PastMemory memory;
    private final Duration longest;
    private final Cache<ExecutionId, History> histories;

    /** Of whatever history. */
    private final LongEvents longEvents = new LongEvents();

    /** One request folds a long history, others of the same one wait for it. */
    private final ReentrantLock[] turns = new ReentrantLock[64];

    /** Few are folded at a time, since it keeps a processor busy. */
    private final Semaphore longFolds = new Semaphore(2, true);

    /** How much the view of an execution may take, so that it can be kept. */
    private final long mostBytes;

    /** How much may be kept of one history. */
    private final long mostOfHistory;

    private interface Turn {
        boolean take(long time, TimeUnit unit) throws InterruptedException;
    }

    public PastExecutions(
            EventLog log,
            Reads reads,
            PastMemory memory,
            @Value("${runledger.query.past.memory-percent:10}") int memoryPercent,
            @Value("${runledger.query.past.longest-fold-seconds:10}") int longestFoldSeconds) {
        this.log = log;
        this.reads = reads;
        this.memory = memory;
        this.longest = Duration.ofSeconds(longestFoldSeconds);
        var kept = Runtime.getRuntime().maxMemory() / 100 * memoryPercent;
        this.mostBytes = Math.min(kept, memory.bytesOfView());
        this.mostOfHistory = kept / 2;
        this.histories = Caffeine.newBuilder()
                .maximumWeight(kept / 1024)
                .weigher((ExecutionId id, History history) -> (int) Math.min(Integer.MAX_VALUE, history.bytes() / 1024))
                .expireAfterAccess(Duration.ofMinutes(10))
                .build();
        for (var i = 0; i < turns.length; i++) {
            turns[i] = new ReentrantLock(true);
        }
    }

    /**
     * The execution {@code id} at {@code moment}.
     *
     * @throws QueryProblem when there is none, or was none then, or it has been erased since
     */
    public Past at(ExecutionId id, Moment moment) {
        var stream = new StreamId(id.namespace(), id.stream());
        var head = head(id, stream);
        return memory.with(share -> {
            var fold = new Fold(id, stream, share);
            var mark = switch (moment) {
                case Moment.Version version -> version.number() > head ? null : fold.upTo(version.number());
                case Moment.Recorded recorded -> fold.upTo(reads.inTurn(() -> log.versionAt(stream, recorded.time())));
                case Moment.Occurred occurred -> fold.occurredBy(head, occurred.time());
            };
            if (mark == null) {
                throw QueryProblem.notFound("execution " + id.id() + " " + moment.text());
            }
            return past(moment, mark);
        });
    }

    /**
     * The execution {@code id} after all of its events.
     *
     * @throws QueryProblem when there is none, or it has been erased
     */
    public Past now(ExecutionId id) {
        var stream = new StreamId(id.namespace(), id.stream());
        return at(id, new Moment.Version(head(id, stream)));
    }

    /**
     * Up to which position of the log the execution {@code id} is shown at {@code moment}, by the log's clock.
     *
     * @throws QueryProblem when there is none, or was none then, or it has been erased since
     */
    public long positionAt(ExecutionId id, Moment moment) {
        var stream = new StreamId(id.namespace(), id.stream());
        var head = head(id, stream);
        var version = switch (moment) {
            case Moment.Version asked -> asked.number() > head ? 0 : asked.number();
            case Moment.Recorded recorded -> reads.inTurn(() -> log.versionAt(stream, recorded.time()));
            case Moment.Occurred unused -> throw QueryProblem.badParameter("clock", "cannot be given here");
        };
        var position = reads.inTurn(() -> log.positionOf(stream, version))
                .orElseThrow(() -> QueryProblem.notFound("execution " + id.id() + " " + moment.text()));
        return moment instanceof Moment.Recorded recorded
                ? reads.inTurn(() -> log.positionAt(recorded.time()))
                : position;
    }

    private static Past past(Moment moment, Mark mark) {
        var header = mark.view().header();
        var asOf = AsOf.ofExecution(header.version(), header.position(), mark.recordedAt());
        return new Past(
                moment,
                mark.view(),
                moment instanceof Moment.Occurred occurred ? asOf.occurredBy(occurred.time()) : asOf);
    }

    /** How many events it has. */
    private long head(ExecutionId id, StreamId stream) {
        var end = reads.inTurn(() -> log.streamEnd(stream))
                .orElseThrow(() -> QueryProblem.notFound("execution " + id.id()));
        if (ExecutionEventTypes.erasing().contains(end.type())) {
            throw erased(id);
        }
        return end.version();
    }

    private QueryProblem erased(ExecutionId id) {
        histories.invalidate(id);
        return QueryProblem.erased(id.id());
    }

    /** One request's way through the history of one execution. */
    private final class Fold {

        private final ExecutionId id;
        private final StreamId stream;
        private final Share share;

        /** What the share was charged with for the fold under way. */
        private long charged;

        private final long deadline = System.nanoTime() + longest.toNanos();

        Fold(ExecutionId id, StreamId stream, Share share) {
            this.id = id;
            this.stream = stream;
            this.share = share;
        }

        /** After all events up to {@code version}; null for 0. */
        @Nullable
        Mark upTo(long version) {
            var turn = turns[Math.floorMod(id.hashCode(), turns.length)];
            while (true) {
                var known = history().floor(version);
                if (version - versionOf(known) < History.EVERY) {
                    return fold(known, version);
                }
                await(longFolds::tryAcquire, version);
                try {
                    if (turn.tryLock()) {
                        try {
                            return fold(history().floor(version), version);
                        } finally {
                            turn.unlock();
                        }
                    }
                } finally {
                    longFolds.release();
                }
                // Another request folds it, most likely as far.
                await(turn::tryLock, version);
                turn.unlock();
            }
        }

        /**
         * After those events of the whole history that had occurred by {@code time}; null when the first had not, which
         * makes the execution.
         */
        @Nullable
        Mark occurredBy(long head, Instant time) {
            var leading = reads.inTurn(() -> log.leadingOccurred(stream, head, time));
            var mark = upTo(leading);
            return mark == null || leading == head ? mark : foldOccurred(mark, leading, head, time);
        }

        private History history() {
            var history = histories.getIfPresent(id);
            return history == null ? History.EMPTY : history;
        }

        private void await(Turn turn, long version) {
            try {
                if (turn.take(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw QueryProblem.stillFolding(versionOf(history().floor(version)), version);
        }

        private @Nullable Mark fold(@Nullable Mark known, long version) {
            var folding = new Folding(known);
            charged = 0;
            try (var pages = new LoggedPages(log, reads, stream, share, versionOf(known), version, null, longEvents)) {
                for (var part = pages.next(); part != null; part = pages.next()) {
                    part.events().forEach(logged -> {
                        add(folding, logged);
                        if (logged.version() % History.EVERY == 0) {
                            keep(folding);
                        }
                    });
                    charge(folding, part);
                    if (part.reached() < version && System.nanoTime() > deadline) {
                        throw QueryProblem.stillFolding(part.reached(), version);
                    }
                }
            } catch (RuntimeException e) {
                if (!(e instanceof QueryProblem problem
                        && problem.getStatusCode().isSameCodeAs(HttpStatus.GONE))) {
                    keep(folding);
                }
                throw e;
            }
            if (folding.version() != version) {
                throw new IllegalStateException("version " + version + " of the execution " + id.id()
                        + " was asked for, and the log ends with " + folding.version());
            }
            return folding.mark();
        }

        /** Keeps how far it came, also where it cannot go on: the next request begins there. */
        private void keep(Folding folding) {
            var before = folding.last();
            if (folding.version() > versionOf(before) && folding.bytes() <= mostBytes) {
                var mark = folding.leaveMark();
                histories
                        .asMap()
                        .compute(
                                id,
                                (ignored, history) ->
                                        (history == null ? History.EMPTY : history).with(mark, before, mostOfHistory));
            }
        }

        /** Nothing of this is kept: what occurred in this order is told by no other question. */
        private @Nullable Mark foldOccurred(Mark known, long after, long upTo, Instant time) {
            var folding = new Folding(known);
            charged = 0;
            try (var pages = new LoggedPages(log, reads, stream, share, after, upTo, time, longEvents)) {
                for (var part = pages.next(); part != null; part = pages.next()) {
                    part.events().forEach(logged -> add(folding, logged));
                    charge(folding, part);
                    if (part.reached() < upTo && System.nanoTime() > deadline) {
                        throw QueryProblem.tooLarge("The history of the execution " + id.id()
                                + " by its executors' clocks cannot be folded within " + longest.toSeconds() + " s.");
                    }
                }
            }
            return folding.mark();
        }

        /** Goes on with what a part left behind, instead of the part. */
        private void charge(Folding folding, LoggedPages.Part part) {
            var grown = folding.added() - charged;
            charged = folding.added();
            share.add(grown - part.bytes());
        }

        private void add(Folding folding, Logged logged) {
            var event = logged.event();
            if (event == null) {
                throw erased(id);
            }
            folding.add(new RecordedEvent(
                    id, logged.version(), logged.position(), logged.occurredAt(), logged.recordedAt(), event));
            if (folding.bytes() > mostBytes) {
                throw QueryProblem.tooLarge("The execution " + id.id() + " holds more in version " + logged.version()
                        + " than the server can fold in its memory.");
            }
        }
    }

    private static long versionOf(@Nullable Mark mark) {
        return mark == null ? 0 : mark.version();
    }
}
