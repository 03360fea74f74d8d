package dev.runledger.eventstore;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the end of the log for all streams of one store.
 *
 * <p>One thread brings each event once into the ring, then wakes the streams. It is woken by appends of this
 * node, whose events it takes from memory as long as they continue what it has; those of others it finds at the head
 * row, asked every 20 ms for a second after an event came and every 250 ms otherwise, and not at all while no stream is
 * open. It outlives every failure. Two more threads read pages for streams that are behind the ring.
 *
 * <p>A log may go back under a running node: a standby that lacked the last events takes over, or a backup is put in
 * place. What was read then is not what is in the log, and positions are given again. So the tail knows the hash of the
 * newest event that it has read, and looks for it before it reads anything that this node has not handed over as the
 * continuation of just that event. All streams end when it is not there.
 */
final class Tail implements LogWriter.Durable, AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(Tail.class);
    private static final Duration BUSY = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);
    private static final int FETCHERS = 2;
    private static final long HANDOVER_BYTES = 8L << 20;

    private final PostgresEventStorageEngine log;
    private final Ring ring;
    private final Handover handover;
    private final Polling polling;
    private final Set<LogStream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicLong appended = new AtomicLong();
    private final ScheduledThreadPoolExecutor fetchers;
    private final Thread thread;
    private boolean started;
    private volatile boolean closed;
    private long lastEventNanos;

    /** Of the event at the ring's end; null when that is not known, as the ring begins there. */
    private @Nullable Hash reachedHash;

    private int failures;

    /** Whether what was read has to be looked for in the log before anything else. */
    private boolean doubtful;

    private long askedNanos;

    Tail(PostgresEventStorageEngine log, Ring ring, Polling polling) {
        this.log = log;
        this.ring = ring;
        this.handover = new Handover(ring.maxEvents(), HANDOVER_BYTES);
        this.polling = polling;
        this.fetchers = new ScheduledThreadPoolExecutor(
                FETCHERS,
                Thread.ofPlatform().daemon().name("event-log-fetch-", 1).factory());
        this.thread = Thread.ofPlatform().daemon().name("event-log-tail").unstarted(this::run);
    }

    /** A stream of all events after a position. The first one starts the threads. */
    LogStream open(long position) {
        LogStream stream = new LogStream(position, ring, this::fetch, this::left);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the event store is shut down");
            }
            streams.add(stream);
            if (!started) {
                started = true;
                thread.start();
            }
        }
        LockSupport.unpark(thread);
        return stream;
    }

    /** Cheap, and may be called by any thread. */
    @Override
    public void written(Written group) {
        if (!streams.isEmpty()) {
            handover.add(group);
        }
        found(group.upTo());
    }

    /** Says that the log has events up to a position. */
    @Override
    public void found(long position) {
        appended.accumulateAndGet(position, Math::max);
        LockSupport.unpark(thread);
    }

    /** Closes the streams too. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        streams.forEach(LogStream::close);
        fetchers.shutdownNow();
        LockSupport.unpark(thread);
        boolean interrupted = false;
        try {
            if (Thread.currentThread() != thread) {
                thread.join(Duration.ofSeconds(5));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (IllegalThreadStateException e) {
            // never started
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void left(LogStream stream) {
        streams.remove(stream);
    }

    /** Reads a page for one stream, again and again while the database is away. */
    private void fetch(LogStream stream, long position) {
        fetchers.execute(() -> fetch(stream, position, 0));
    }

    private void fetch(LogStream stream, long position, int attempt) {
        if (stream.isClosed()) {
            return;
        }
        try {
            stream.fetched(log.readBatch(position).decodeAhead());
        } catch (LogUnavailableException e) {
            var ignored = fetchers.schedule(
                    () -> fetch(stream, position, attempt + 1), retry(attempt).toNanos(), TimeUnit.NANOSECONDS);
        } catch (RuntimeException | Error e) {
            stream.failed(e);
        }
    }

    private void run() {
        while (!closed) {
            Duration pause;
            try {
                pause = step();
                if (failures > 0) {
                    logger.info("The end of the event log is read again");
                    failures = 0;
                }
            } catch (LogUnavailableException e) {
                if (failures == 0 && !closed) {
                    logger.warn("The end of the event log cannot be read until the database is back: {}", cause(e));
                }
                pause = retry(failures++);
            } catch (RuntimeException | Error e) {
                if (failures == 0 && !closed) {
                    logger.error("The end of the event log cannot be read; trying again until it can", e);
                }
                pause = retry(failures++);
            }
            pause(pause);
        }
        ring.stop();
    }

    /** Returns how long there is nothing to do unless an append says otherwise. */
    private Duration step() {
        if (streams.isEmpty()) {
            ring.stop();
            handover.clear();
            return Duration.ofDays(1);
        }
        if (!ring.isStarted()) {
            startAt(askHead());
            tell();
        }
        long reached = ring.upTo();
        long told = appended.get();
        if (told > reached && failures == 0 && !doubtful && isTakenOver(reached)) {
            return Duration.ZERO;
        }
        // What was not handed over is another node's, or follows what is not what was read.
        doubtful |= told > reached;
        boolean byOthers = told <= reached || failures > 0 || doubtful;
        if (byOthers && failures == 0 && !doubtful && untilAsking() > 0) {
            return Duration.ofNanos(untilAsking());
        }
        Head newest = byOthers ? askHead() : null;
        if (newest != null && !isContinued(newest, reached)) {
            beginAnew(newest, reached);
            return Duration.ZERO;
        }
        doubtful = false;
        long upTo = Math.max(told, newest == null ? 0 : newest.position());
        if (upTo > reached) {
            lastEventNanos = System.nanoTime();
            if (upTo - reached > ring.maxEvents()) {
                startAt(newest == null ? askHead() : newest);
            } else {
                add(log.readBatch(reached));
            }
            tell();
            if (ring.upTo() > reached) {
                return Duration.ZERO;
            }
            // Somebody was told of events that are gone.
            appended.compareAndSet(told, reached);
            doubtful = true;
            return Duration.ZERO;
        }
        return Duration.ofNanos(untilAsking());
    }

    /** Whether what this node has written goes on where the ring ends, and is in it now. */
    private boolean isTakenOver(long reached) {
        List<StoredEvent> events = handover.take(reached, reachedHash);
        if (events.isEmpty()) {
            return false;
        }
        lastEventNanos = System.nanoTime();
        add(log.batch(reached, events));
        tell();
        return true;
    }

    private void add(Batch batch) {
        ring.add(batch.decodeAhead());
        Hash last = batch.lastHash();
        reachedHash = last == null ? reachedHash : last;
    }

    private Head askHead() {
        askedNanos = System.nanoTime();
        return log.newest();
    }

    /** How many nanoseconds there are until the head is asked again for events of other nodes. */
    private long untilAsking() {
        long now = System.nanoTime();
        Duration between = now - lastEventNanos < BUSY.toNanos() ? polling.busy() : polling.idle();
        return between.toNanos() - (now - askedNanos);
    }

    private void startAt(Head newest) {
        ring.start(newest.position());
        reachedHash = newest.hash();
    }

    /** Whether the event that was read last is still in the log. */
    private boolean isContinued(Head newest, long reached) {
        Hash hash = reachedHash;
        if (hash == null || newest.position() < reached) {
            return hash == null;
        }
        return newest.position() == reached ? newest.hash().equals(hash) : log.continues(reached, hash);
    }

    private void beginAnew(Head newest, long reached) {
        logger.warn(
                "The event log has gone back: its event {} is not the one that was read. Its head is at {}; all readers begin anew",
                reached,
                newest.position());
        ring.stop();
        handover.clear();
        appended.set(newest.position());
        var reason = new EventStoreException("the event log has gone back behind position " + reached);
        streams.forEach(stream -> stream.end(reason));
    }

    private void tell() {
        for (LogStream stream : streams) {
            stream.ringMoved();
        }
    }

    private void pause(Duration pause) {
        long begin = System.nanoTime();
        long left = pause.toNanos();
        while (left > 0 && !closed && !isWanted()) {
            LockSupport.parkNanos(this, left);
            left = pause.toNanos() - (System.nanoTime() - begin);
        }
    }

    /** Not after a failure: an append that was told of then waits for the retry. */
    private boolean isWanted() {
        return failures == 0 && !streams.isEmpty() && (!ring.isStarted() || appended.get() > ring.upTo());
    }

    private static String cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getName() : message;
    }

    private static Duration retry(int failures) {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(failures, 10));
        return pause.compareTo(LAST_RETRY) < 0 ? pause : LAST_RETRY;
    }

    /** How often the head row is asked for events of other nodes: in the second after an event came, and otherwise. */
    record Polling(Duration busy, Duration idle) {

        static final Polling DEFAULT = new Polling(Duration.ofMillis(20), Duration.ofMillis(250));
    }
}
