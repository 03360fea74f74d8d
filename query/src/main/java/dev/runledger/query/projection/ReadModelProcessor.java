package dev.runledger.query.projection;

import dev.runledger.eventstore.EventLog;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import dev.runledger.query.ReadModelToken;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The projection at work: Axon's pooled processor {@code read-model} with one segment. It runs while the tables are
 * there; where they are not, it has them made.
 */
@Component
class ReadModelProcessor implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ReadModelProcessor.class);

    /** So often a segment that nobody has is claimed a second later, then only after more looks. */
    private static final int TRIES_SOON = 15;

    private static final int LOOKS_BETWEEN_TRIES = 10;

    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);

    private final ReadModelSchema schema;
    private final ReadModelPosition position;
    private final EventLog eventLog;
    private final PooledStreamingEventProcessor processor;
    private final ReadModelEventHandler handler;
    private final ProjectionJournal journal;
    private final Rebuilds rebuilds;
    private final Verifications verifications;
    private final JdbcClient jdbc;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("read-model-watch").factory());

    private volatile boolean running;

    /** Whether the processor has to begin anew: other tables are shown than those it claimed, or nobody knows. */
    private volatile boolean restartDue;

    /** Where nobody had a claim when it was last looked, and how often before; only {@link #watch} knows. */
    private long triedAt = -1;

    private int triesInVain;

    /** Which poison event was skipped last; only {@link #watch} knows. */
    private long skipped;

    private volatile @Nullable ReadModelToken token;

    ReadModelProcessor(
            ReadModelSchema schema,
            ReadModelPosition position,
            ReadModelEventHandler handler,
            ProjectionJournal journal,
            Rebuilds rebuilds,
            Verifications verifications,
            ProjectionNode node,
            EventLog eventLog,
            ReadModelSource source,
            ReadModelConnections connections,
            JdbcClient jdbc,
            MeterRegistry meters,
            @Value("${runledger.projection.batch-size:1000}") int batchSize) {
        this.schema = schema;
        this.position = position;
        this.eventLog = eventLog;
        this.handler = handler;
        this.journal = journal;
        this.rebuilds = rebuilds;
        this.verifications = verifications;
        this.jdbc = jdbc;
        this.processor = PooledStreamingEventProcessor.builder()
                .name(ReadModelSchema.PROJECTION)
                .eventHandlerInvoker(handler)
                .messageSource(source)
                .tokenStore(new ReadModelTokenStore(JdbcClient.create(connections.live()), node, position))
                .transactionManager(new SpringTransactionManager(connections.liveTransactions()))
                .coordinatorExecutor(Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                        .daemon()
                        .name("read-model-coordinator")
                        .factory()))
                .workerExecutor(Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("read-model-worker").factory()))
                .initialSegmentCount(1)
                .initialToken(StreamableMessageSource::createTailToken)
                .batchSize(batchSize)
                .tokenClaimInterval(1_000)
                .claimExtensionThreshold(1_000)
                .build();
        Gauge.builder("runledger.projection.lag.events", this, ReadModelProcessor::lagInEvents)
                .description("events of the log that the read model does not show yet")
                .register(meters);
        Gauge.builder("runledger.projection.lag", this, ReadModelProcessor::lagInSeconds)
                .description("age of the oldest event that the read model does not show yet")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("runledger.projection.poisoned", handler, h -> h.poison() == null ? 0 : 1)
                .description("1 while an event stops the projection")
                .register(meters);
    }

    @Override
    public void start() {
        running = true;
        rebuilds.start(this::rebuilt);
        try {
            watchTables();
        } catch (RuntimeException e) {
            running = false;
            throw e;
        }
        var ignored = watch.scheduleWithFixedDelay(this::watch, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() {
        running = false;
        rebuilds.stop();
        watch.shutdownNow();
        try {
            if (!watch.awaitTermination(LONGEST_LOOK.toSeconds(), TimeUnit.SECONDS)) {
                log.warn("the read model is still looked after while the server stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        processor.shutDown();
        position.foldedHere(false);
    }

    /** Before the web server starts, so that no query meets foreign tables; after it has drained, so that reads end. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE - 4096;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** What stops the projection, here or on another node; null while nothing does. */
    @Nullable
    Poison poison() {
        var here = handler.poison();
        if (here != null) {
            return here;
        }
        var seen = token;
        if (seen == null) {
            return rebuilds.failure();
        }
        return seen.stoppedAt() == null || seen.stoppedAt() <= position.lastKnown()
                ? null
                : new Poison(seen.stoppedAt(), String.valueOf(seen.stoppedReason()));
    }

    /** As it was when somebody looked last. */
    ProjectionState state() {
        var seen = token;
        return seen == null
                ? poison() != null ? ProjectionState.STOPPED : ProjectionState.REBUILDING
                : poison() != null
                        ? ProjectionState.STOPPED
                        : seen.paused()
                                ? ProjectionState.PAUSED
                                : seen.owner() == null ? ProjectionState.STARTING : ProjectionState.RUNNING;
    }

    /** The token row as it was seen last; null while there is none. */
    @Nullable
    ReadModelToken token() {
        return token;
    }

    /** Stops folding, on whatever node, until {@link #resume}; a batch that has begun ends first. */
    void pause() {
        inTablesThatStay(() -> jdbc.sql("""
                        update read_model.projection_token
                        set paused_at = coalesce(paused_at, clock_timestamp()),
                          owner = null
                        where name = :name
                        returning tableoid::bigint
                        """)
                .param("name", ReadModelSchema.PROJECTION)
                .query(Long.class)
                .optional());
        changed();
    }

    void resume() {
        inTablesThatStay(() -> jdbc.sql("""
                        update read_model.projection_token
                        set paused_at = null
                        where name = :name
                        returning tableoid::bigint
                        """)
                .param("name", ReadModelSchema.PROJECTION)
                .query(Long.class)
                .optional());
        changed();
    }

    /** Looks, so that whoever asks next on this node is told. */
    private void changed() {
        try {
            if (running) {
                watch.submit(this::watch).get(LONGEST_LOOK.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the read model could not be looked after", e);
        } catch (TimeoutException | RejectedExecutionException e) {
            log.debug("the read model is looked after a little later", e);
        }
    }

    /**
     * Repeats the change of a token row until that was one of the tables that are shown afterwards: it may have waited
     * for others to take their place.
     *
     * @param change answers the table that it has changed
     */
    private void inTablesThatStay(Supplier<Optional<Long>> change) {
        Optional<Long> shown;
        Optional<Long> changed;
        do {
            changed = change.get();
            shown = jdbc.sql("select to_regclass('read_model.projection_token')::oid::bigint")
                    .query(Long.class)
                    .optional();
        } while (shown.isPresent() && !shown.equals(changed));
    }

    private void rebuilt(RebuildRun.End end) {
        switch (end) {
            case DONE -> {
                restartDue = true;
                journal.lastRebuild().map(Rebuild::drift).ifPresent(verifications::found);
                look();
            }
            case FAILED, CANCELLED -> look();
            case ELSEWHERE, BROKEN_OFF -> {
                // The next look is soon enough.
            }
        }
    }

    /** Looks at the tables now, not only within a second. */
    void look() {
        if (running) {
            watch.execute(this::watch);
        }
    }

    double lagInEvents() {
        try {
            return Math.max(0, eventLog.head().position() - position.lastKnown());
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    /** How old the oldest event is that the rows do not hold yet; 0 when they hold all, NaN when nobody knows. */
    double lagInSeconds() {
        try {
            var next = eventLog.readAll(position.reached(), 1).events();
            return next.isEmpty()
                    ? 0
                    : Math.max(
                            0,
                            Duration.between(next.getFirst().recordedAt(), Instant.now())
                                            .toNanos()
                                    / 1e9);
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    private void watch() {
        try {
            if (handler.mustComeBack()) {
                processor.releaseSegment(0, 1, TimeUnit.SECONDS);
            }
            watchTables();
            if (restartDue) {
                restartDue = false;
                restart();
            }
        } catch (RuntimeException e) {
            restartDue = true;
            if (!ReadModelSchema.isMissing(e) && !PassingFailure.is(e)) {
                log.warn("the read model could not be looked after", e);
            }
        }
    }

    /** Lets the processor run exactly while the tables are there and nobody paused it, and has lost tables made anew. */
    private void watchTables() {
        var there = schema.isCurrent() || schema.ensure(eventLog.head().position());
        var seen = there ? position.token().orElse(null) : null;
        token = seen;
        if (seen == null) {
            if (position.awaited() == null) {
                log.warn("the tables of the read model are not there and will be made anew");
                position.lost();
            }
            rest();
        } else {
            position.restored();
            watchPoison(seen);
            if (seen.paused()) {
                rest();
            } else if (!processor.isRunning()) {
                startProcessor();
            } else if (seen.owner() == null && poison() == null) {
                claimAgain(seen.position());
            }
        }
        rebuilds.work(seen == null);
        if (seen != null) {
            verifications.lookAtTheClock();
        }
    }

    /** Shows other nodes what stops the projection, and goes on behind what a person decided to skip. */
    private void watchPoison(ReadModelToken seen) {
        var skips = journal.skips();
        handler.skip(skips);
        var poison = handler.poison();
        if (poison != null && poison.position() <= seen.position()) {
            handler.passed(seen.position());
            poison = null;
        }
        var stoppedAt = poison == null ? null : (Long) poison.position();
        if (!Objects.equals(stoppedAt, seen.stoppedAt())
                && (poison != null || Objects.requireNonNull(seen.stoppedAt()) <= seen.position())) {
            jdbc.sql("""
                    update read_model.projection_token
                    set stopped_at = :stoppedAt,
                      stopped_reason = :reason
                    where name = :name
                    """)
                    .param("stoppedAt", stoppedAt)
                    .param("reason", poison == null ? null : poison.reason())
                    .param("name", ReadModelSchema.PROJECTION)
                    .update();
        }
        if (poison != null && skips.contains(poison.position()) && skipped != poison.position()) {
            skipped = poison.position();
            restart();
        }
    }

    private void restart() {
        processor.shutDown();
        if (token != null && !token.paused()) {
            startProcessor();
        }
    }

    /** Once, as the processor says each time that it stops. */
    private void rest() {
        if (processor.isRunning()) {
            processor.shutDown();
        }
    }

    private void startProcessor() {
        if (running) {
            claimSoon();
            processor.start();
        }
    }

    /** Soon at first; seldom when that does not bring the rows any further. */
    private void claimAgain(long at) {
        triesInVain = at == triedAt ? triesInVain + 1 : 0;
        triedAt = at;
        if (triesInVain < TRIES_SOON || triesInVain % LOOKS_BETWEEN_TRIES == 0) {
            claimSoon();
        }
    }

    /**
     * Has the processor claim the segment at its next occasion. Left alone, it waits after a batch that failed, and
     * doubles that each time that it looks at what has failed until the batch is out of the way: on a busy machine that
     * is a minute after a single failure.
     */
    private void claimSoon() {
        processor.releaseSegment(0, 0, TimeUnit.MILLISECONDS);
    }
}
