package dev.runledger.query.past;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.AsOf;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import dev.runledger.query.past.LoggedPages.Logged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Executions as they were: the log folded again, up to an event.
 *
 * <p>A history of {@link History#EVERY} events or more is kept for a while, as marks in memory; it is folded once, by one
 * request at a time, and what was folded is kept even where the time of a request was not enough. Nothing of it is
 * written anywhere: a mark holds contents, and what an erasure removes must not be found in another place.
 */
@Component
public class PastExecutions {

    private final EventLog log;
    private final Reads reads;
    private final Duration longest;
    private final Cache<ExecutionId, History> histories;

    /** One request folds a long history, others of the same one wait for it. */
    private final ReentrantLock[] turns = new ReentrantLock[64];

    /** Few are folded at a time, since what each holds is bounded and not little. */
    private final Semaphore longFolds = new Semaphore(2, true);

    private final long mostBytes = Runtime.getRuntime().maxMemory() / 8;

    private interface Turn {
        boolean take(long time, TimeUnit unit) throws InterruptedException;
    }

    public PastExecutions(
            EventLog log,
            Reads reads,
            @Value("${runledger.query.past.memory-percent:10}") int memoryPercent,
            @Value("${runledger.query.past.longest-fold-seconds:10}") int longestFoldSeconds) {
        this.log = log;
        this.reads = reads;
        this.longest = Duration.ofSeconds(longestFoldSeconds);
        this.histories = Caffeine.newBuilder()
                .maximumWeight(Runtime.getRuntime().maxMemory() / 100 * memoryPercent / 1024)
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
        var fold = new Fold(id, stream, head);
        var mark = switch (moment) {
            case Moment.Version version -> version.number() > head ? null : fold.upTo(version.number());
            case Moment.Recorded recorded -> fold.upTo(reads.inTurn(() -> log.versionAt(stream, recorded.time())));
            case Moment.Occurred occurred -> fold.occurredBy(occurred.time());
        };
        if (mark == null) {
            throw QueryProblem.notFound("execution " + id.id() + " " + moment.text());
        }
        return past(moment, mark);
    }

    /**
     * The execution {@code id} after all of its events.
     *
     * @throws QueryProblem when there is none, or it has been erased
     */
    public Past now(ExecutionId id) {
        var stream = new StreamId(id.namespace(), id.stream());
        var head = head(id, stream);
        var mark = new Fold(id, stream, head).upTo(head);
        if (mark == null) {
            throw QueryProblem.notFound("execution " + id.id());
        }
        return past(new Moment.Version(head), mark);
    }

    private static Past past(Moment moment, Mark mark) {
        var header = mark.view().header();
        return new Past(moment, mark.view(), AsOf.ofExecution(header.version(), header.position(), mark.recordedAt()));
    }

    /** How many events it has. */
    private long head(ExecutionId id, StreamId stream) {
        var head = reads.inTurn(() -> log.streamHead(stream))
                .orElseThrow(() -> QueryProblem.notFound("execution " + id.id()));
        var last = reads.inTurn(() -> log.readStream(stream, head.version() - 1, head.version(), EventFilter.ALL, 1));
        if (last.events().stream()
                .anyMatch(event -> ExecutionEventTypes.erasing().contains(event.type()))) {
            throw erased(id);
        }
        return head.version();
    }

    private QueryProblem erased(ExecutionId id) {
        histories.invalidate(id);
        return QueryProblem.erased(id.id());
    }

    /** One request's way through the history of one execution. */
    private final class Fold {

        private final ExecutionId id;
        private final StreamId stream;
        private final long head;
        private final long deadline = System.nanoTime() + longest.toNanos();

        Fold(ExecutionId id, StreamId stream, long head) {
            this.id = id;
            this.stream = stream;
            this.head = head;
        }

        /** After all events up to {@code version}; null for 0. */
        @Nullable
        Mark upTo(long version) {
            var known = history().floor(version);
            if (version - versionOf(known) < History.EVERY) {
                return fold(known, version);
            }
            var turn = turns[Math.floorMod(id.hashCode(), turns.length)];
            await(turn::tryLock, version);
            try {
                var further = history().floor(version);
                if (version - versionOf(further) < History.EVERY) {
                    return fold(further, version);
                }
                await(longFolds::tryAcquire, version);
                try {
                    return fold(further, version);
                } finally {
                    longFolds.release();
                }
            } finally {
                turn.unlock();
            }
        }

        /** After those events of the whole history that had occurred by {@code time}; null when none had. */
        @Nullable
        Mark occurredBy(Instant time) {
            if (head >= History.EVERY) {
                // Makes the marks up to the head: what was recorded late may have occurred early.
                upTo(head);
            }
            var marks = history().marks();
            Mark before = null;
            Mark folded = null;
            for (var mark : marks) {
                if (folded == before && !mark.latest().isAfter(time)) {
                    folded = mark;
                } else if (!mark.earliest().isAfter(time)) {
                    folded = foldOccurred(folded, versionOf(before), mark.version(), time);
                }
                before = mark;
            }
            return foldOccurred(folded, versionOf(before), head, time);
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
            var marks = new ArrayList<Mark>();
            try {
                forEach(versionOf(known), version, event -> true, logged -> {
                    add(folding, logged);
                    if (logged.stored().version() % History.EVERY == 0) {
                        marks.add(folding.next());
                    }
                });
            } catch (QueryProblem e) {
                if (!e.getStatusCode().isSameCodeAs(HttpStatus.GONE)) {
                    keep(marks);
                }
                throw e;
            }
            keep(marks);
            if (folding.version() != version) {
                throw new IllegalStateException("version " + version + " of the execution " + id.id()
                        + " was asked for, and the log ends with " + folding.version());
            }
            return folding.mark();
        }

        private void keep(List<Mark> marks) {
            if (!marks.isEmpty()) {
                histories.asMap().merge(id, History.EMPTY.with(marks), (history, ignored) -> history.with(marks));
            }
        }

        private @Nullable Mark foldOccurred(@Nullable Mark known, long after, long upTo, Instant time) {
            var folding = new Folding(known);
            Predicate<StoredEvent> occurred = event -> !event.occurredAt().isAfter(time);
            forEach(after, upTo, occurred, logged -> {
                if (occurred.test(logged.stored())) {
                    add(folding, logged);
                }
            });
            return folding.mark();
        }

        private void forEach(long after, long upTo, Predicate<StoredEvent> wanted, Consumer<Logged> visit) {
            var pages = new LoggedPages(log, reads, stream, after, upTo, wanted);
            for (var page = pages.next(); !page.isEmpty(); page = pages.next()) {
                page.forEach(visit);
                var reached = page.getLast().stored().version();
                if (reached < upTo && System.nanoTime() > deadline) {
                    throw QueryProblem.stillFolding(reached, upTo);
                }
            }
        }

        private void add(Folding folding, Logged logged) {
            var stored = logged.stored();
            var event = logged.event();
            if (event == null || stored.payload() == null) {
                throw erased(id);
            }
            var recorded = new RecordedEvent(
                    id, stored.version(), stored.position(), stored.occurredAt(), stored.recordedAt(), event);
            folding.add(recorded, stored.payload().length());
            if (folding.bytes() > mostBytes) {
                throw QueryProblem.tooLarge("The execution " + id.id() + " holds more up to version " + stored.version()
                        + " than the server can fold in its memory.");
            }
        }
    }

    private static long versionOf(@Nullable Mark mark) {
        return mark == null ? 0 : mark.version();
    }
}
