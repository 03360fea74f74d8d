package dev.runledger.eventstore;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts all appends that wait into one transaction, and so into one sync to disk.
 *
 * <p>Callers wait in a bounded queue; one thread takes what is there, up to 1,000 events or 1 MiB but at least
 * one whole append, and answers each caller when its own events are durable. It never waits for more to come. A caller that finds
 * nobody writing writes the first group itself: alone, it waits for no other thread.
 * A stale append, and one that the database refuses, fails alone. While the database is away, appends are tried
 * again until they are overdue; one whose commit was not confirmed is looked up before it is answered. Whatever goes
 * wrong, somebody else may write afterwards.
 */
final class GroupCommit implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(GroupCommit.class);
    private static final int GROUP_EVENTS = 1_000;
    private static final long GROUP_BYTES = 1 << 20;
    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final long MAX_RETRY_MILLIS = 100;

    private final LogWriter writer;
    private final Limits limits;
    private final WaitLimit waits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final Condition idle = lock.newCondition();
    private final ArrayDeque<PendingAppend> queue = new ArrayDeque<>();
    private final ThreadFactory threads;

    /** What is being written; belongs to whoever writes. */
    private final List<PendingAppend> group = new ArrayList<>();

    private long queuedBytes;
    private boolean started;
    private boolean closed;
    private volatile boolean writing;
    private boolean handedOver;

    /** Whether the thread that writes was interrupted meanwhile; belongs to that thread. */
    private boolean interrupted;

    GroupCommit(LogWriter writer, Limits limits) {
        this(
                writer,
                limits,
                Thread.ofPlatform().daemon().name("event-log-writer").factory());
    }

    /** @param threads makes the one that writes what callers hand over */
    GroupCommit(LogWriter writer, Limits limits, ThreadFactory threads) {
        this.writer = writer;
        this.limits = limits;
        this.waits = new WaitLimit(limits.answer());
        this.threads = threads;
    }

    /**
     * Appends all events or none, in their order, and returns when they are durable.
     *
     * @return one receipt a stream
     * @throws StaleAppendException when a stream's next version is not the event's
     * @throws LogUnavailableException when the queue stays full, the database is away, nobody answers, or after the
     *     close
     */
    List<AppendReceipt> append(List<NewEvent> events) throws SQLException, StaleAppendException {
        PendingAppend append = new PendingAppend(
                events,
                AppendAttempt.current(),
                System.nanoTime() + limits.patience().toNanos());
        if (enqueue(append)) {
            lead();
        }
        try {
            return append.await(waits);
        } catch (TimeoutException e) {
            throw new LogUnavailableException("the event log does not answer", e, !isWithdrawn(append));
        }
    }

    /** Takes no more appends and returns when those that wait are answered, within 30 s. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            notFull.signalAll();
            long left = DRAIN.toNanos();
            while (writing && left > 0) {
                left = idle.awaitNanos(left);
            }
            if (writing) {
                logger.warn("Appends were still waiting for the database when the event log was closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            notEmpty.signalAll();
            lock.unlock();
        }
    }

    /** How many appends wait, without the group that is being written. */
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isWriting() {
        return writing;
    }

    /** Returns whether the caller is to write, as nobody does. */
    private boolean enqueue(PendingAppend append) {
        lock.lock();
        try {
            long left = limits.queueWait().toNanos();
            while (isFull(append) && !closed) {
                if (left <= 0) {
                    throw new LogUnavailableException("too many appends wait for the event log");
                }
                left = notFull.awaitNanos(left);
            }
            if (closed) {
                throw new LogUnavailableException("the event log is closed");
            }
            queue.add(append);
            queuedBytes += append.bytes();
            boolean leads = !writing;
            writing = true;
            return leads;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogUnavailableException("interrupted while too many appends waited for the event log");
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull(PendingAppend next) {
        return !queue.isEmpty()
                && (queue.size() >= limits.queueAppends() || queuedBytes + next.bytes() > limits.queueBytes());
    }

    /** Whether the append still waited and does so no more. */
    private boolean isWithdrawn(PendingAppend append) {
        lock.lock();
        try {
            boolean withdrawn = queue.remove(append);
            if (withdrawn) {
                queuedBytes -= append.bytes();
                notFull.signalAll();
            }
            return withdrawn;
        } finally {
            lock.unlock();
        }
    }

    /** Writes one group in the caller's thread, which it lets no interrupt disturb, and hands on the rest. */
    private void lead() {
        interrupted = Thread.interrupted();
        boolean restore = interrupted;
        try {
            if (take()) {
                write(group);
            }
            restore = interrupted;
            handOver();
        } catch (RuntimeException | Error e) {
            restore |= interrupted;
            abandon(e);
        }
        if (restore) {
            Thread.currentThread().interrupt();
        }
    }

    private void handOver() {
        lock.lock();
        try {
            group.clear();
            if (queue.isEmpty()) {
                writing = false;
                idle.signalAll();
                return;
            }
            if (!started) {
                threads.newThread(this::run).start();
                started = true;
            }
            handedOver = true;
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the writing of one who cannot go on, so that the next append is written again. Of the group nobody knows
     * whether it is stored; what waits is not.
     */
    private void abandon(Throwable reason) {
        List<PendingAppend> unknown;
        List<PendingAppend> waiting;
        lock.lock();
        try {
            writing = false;
            handedOver = false;
            idle.signalAll();
            notFull.signalAll();
            unknown = List.copyOf(group);
            waiting = List.copyOf(queue);
            group.clear();
            queue.clear();
            queuedBytes = 0;
        } finally {
            lock.unlock();
        }
        // Who waits is answered first: logging may fail too.
        unknown.forEach(append ->
                append.failed(new LogUnavailableException("the event log's writing broke off", reason, true)));
        waiting.forEach(append ->
                append.failed(new LogUnavailableException("the event log's writing broke off", reason, false)));
        logger.error("The writing of appends broke off", reason);
    }

    /** An interrupt breaks the connection of a virtual thread; the group is written all the same. */
    private boolean clearInterrupt() {
        boolean now = Thread.interrupted();
        interrupted |= now;
        return now;
    }

    /** Writes what leading callers hand over until nothing waits, again and again until the close. */
    private void run() {
        while (isHandedOver()) {
            try {
                while (take()) {
                    write(group);
                }
            } catch (RuntimeException | Error e) {
                abandon(e);
            }
        }
    }

    private boolean isHandedOver() {
        lock.lock();
        try {
            while (!handedOver && !(closed && !writing)) {
                notEmpty.awaitUninterruptibly();
            }
            return handedOver;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next group; false when nothing waits, and then nobody writes any more. */
    private boolean take() {
        lock.lock();
        try {
            group.clear();
            if (queue.isEmpty()) {
                writing = false;
                handedOver = false;
                idle.signalAll();
                return false;
            }
            int events = 0;
            long bytes = 0;
            for (PendingAppend next = queue.peek(); next != null; next = queue.peek()) {
                events += next.events().size();
                bytes += next.bytes();
                if (!group.isEmpty() && (events > GROUP_EVENTS || bytes > GROUP_BYTES)) {
                    break;
                }
                group.add(next);
                queue.remove();
                queuedBytes -= next.bytes();
            }
            notFull.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Answers every append of the group. */
    private void write(List<PendingAppend> group) {
        List<PendingAppend> left = group;
        for (int attempt = 0; !left.isEmpty(); attempt++) {
            LogWriter.Group written = null;
            try {
                written = writer.write(left);
            } catch (OutcomeUnknownException e) {
                clearInterrupt();
                if (isAnswered(e)) {
                    return;
                }
                if (attempt > 0) {
                    left = withoutOverdue(left, e);
                }
            } catch (SQLException e) {
                if (!clearInterrupt()) {
                    if (!DatabaseAway.isBehind(e)) {
                        writeEach(left, e);
                        return;
                    }
                    left = withoutOverdue(left, e);
                    failOverdue(e);
                }
            } catch (RuntimeException | Error e) {
                writeEach(left, e);
                return;
            }
            if (written != null) {
                // What fails here must not be taken for a failed write: it is stored.
                written.answer();
                return;
            }
            if (!left.isEmpty() && attempt > 0) {
                pause(attempt);
            }
        }
    }

    /** After a failure that may be due to one append of several. */
    private void writeEach(List<PendingAppend> group, Throwable reason) {
        if (group.size() == 1) {
            group.getFirst().failed(reason);
        } else {
            for (PendingAppend append : group) {
                write(List.of(append));
            }
        }
    }

    /** Finds out what became of a group; false when it is not stored, so that it can be written again. */
    private boolean isAnswered(OutcomeUnknownException lost) {
        long begin = System.nanoTime();
        for (int attempt = 0; ; attempt++) {
            try {
                boolean stored = writer.isStored(lost.group());
                if (stored) {
                    lost.group().answer();
                }
                return stored;
            } catch (SQLException | RuntimeException e) {
                clearInterrupt();
                if (System.nanoTime() - begin > limits.outcomePatience().toNanos()) {
                    logger.warn("The outcome of a commit could not be found out", e);
                    lost.group()
                            .failed(append -> new LogUnavailableException(
                                    "the connection was lost while committing, and the event log's database is not available",
                                    lost,
                                    append));
                    return true;
                }
            }
            failOverdue(lost);
            pause(attempt);
        }
    }

    private void failOverdue(Throwable reason) {
        lock.lock();
        try {
            for (Iterator<PendingAppend> each = queue.iterator(); each.hasNext(); ) {
                PendingAppend append = each.next();
                if (append.isOverdue()) {
                    each.remove();
                    queuedBytes -= append.bytes();
                    append.failed(away(reason));
                }
            }
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static List<PendingAppend> withoutOverdue(List<PendingAppend> group, Exception reason) {
        List<PendingAppend> left = new ArrayList<>();
        for (PendingAppend append : group) {
            if (append.isOverdue()) {
                append.failed(away(reason));
            } else {
                left.add(append);
            }
        }
        return left;
    }

    private static LogUnavailableException away(Throwable reason) {
        return new LogUnavailableException("the event log's database is not available", reason, false);
    }

    private void pause(int attempt) {
        try {
            TimeUnit.MILLISECONDS.sleep(Math.min(10L << Math.min(attempt, 10), MAX_RETRY_MILLIS));
        } catch (InterruptedException e) {
            interrupted = true;
        }
    }

    /**
     * @param queueAppends    that wait at most
     * @param queueBytes      that wait at most, except that one append may always wait
     * @param queueWait       how long a caller waits for room
     * @param patience        how long an append is tried again while the database is away
     * @param outcomePatience how long the outcome of a commit without answer is looked up
     * @param headWait        how long a group waits for another node that holds the head row
     * @param silence         after which a server is taken for lost
     * @param answer          how long a caller waits for one who writes its append, whatever goes wrong
     * @param lease           how long a stream is left to a writer at most: enough to read what was missed and to decide
     *     once more, and no more than the others can wait
     */
    record Limits(
            int queueAppends,
            long queueBytes,
            Duration queueWait,
            Duration patience,
            Duration outcomePatience,
            Duration headWait,
            Duration silence,
            Duration answer,
            Duration lease) {

        static final Limits DEFAULT = new Limits(
                10_000,
                128L << 20,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofMillis(250));

        Limits withQueue(int appends, Duration wait) {
            return new Limits(appends, queueBytes, wait, patience, outcomePatience, headWait, silence, answer, lease);
        }

        Limits withQueueBytes(long bytes) {
            return new Limits(
                    queueAppends, bytes, queueWait, patience, outcomePatience, headWait, silence, answer, lease);
        }

        Limits withLease(Duration most) {
            return new Limits(
                    queueAppends, queueBytes, queueWait, patience, outcomePatience, headWait, silence, answer, most);
        }

        Limits withAnswer(Duration wait) {
            return new Limits(
                    queueAppends, queueBytes, queueWait, patience, outcomePatience, headWait, silence, wait, lease);
        }
    }
}
