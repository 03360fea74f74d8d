package dev.runledger.query.projection;

import dev.runledger.eventstore.EventLog;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.messaging.StreamableMessageSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The projection at work: Axon's pooled processor {@code read-model} with one segment. Makes the tables before it
 * starts, and again when somebody drops them.
 */
@Component
class ReadModelProcessor implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ReadModelProcessor.class);

    private final ReadModelSchema schema;
    private final ReadModelPosition position;
    private final EventLog eventLog;
    private final PooledStreamingEventProcessor processor;
    private final ReadModelEventHandler handler;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("read-model-watch").factory());

    private volatile boolean running;

    /** Whether the database did not answer when it was last looked at; only {@link #watch} knows. */
    private boolean away;

    ReadModelProcessor(
            ReadModelSchema schema,
            ReadModelPosition position,
            ReadModelEventHandler handler,
            EventLog eventLog,
            StreamableMessageSource<TrackedEventMessage<?>> messageSource,
            TransactionManager transactionManager,
            JdbcClient jdbc,
            MeterRegistry meters,
            @Value("${runledger.projection.batch-size:1000}") int batchSize) {
        this.schema = schema;
        this.position = position;
        this.eventLog = eventLog;
        this.handler = handler;
        var node = ManagementFactory.getRuntimeMXBean().getName() + "/" + UUID.randomUUID();
        this.processor = PooledStreamingEventProcessor.builder()
                .name(ReadModelSchema.PROJECTION)
                .eventHandlerInvoker(handler)
                .messageSource(messageSource)
                .tokenStore(new ReadModelTokenStore(jdbc, node, position))
                .transactionManager(transactionManager)
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
        Gauge.builder("runledger.projection.lag", this, processor -> processor.lagInSeconds(Clock.systemUTC()))
                .description("age of the oldest event that the read model does not show yet")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("runledger.projection.poisoned", handler, h -> h.poison() == null ? 0 : 1)
                .description("1 while an event stops the projection")
                .register(meters);
    }

    @Override
    public void start() {
        ensureSchema();
        processor.start();
        running = true;
        var ignored = watch.scheduleWithFixedDelay(this::watch, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() {
        running = false;
        watch.shutdownNow();
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

    /** What stops the projection; null while nothing does. */
    @Nullable
    Poison poison() {
        return handler.poison();
    }

    private double lagInEvents() {
        try {
            return Math.max(0, eventLog.head().position() - position.lastKnown());
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    /** How old the oldest event is that the rows do not hold yet; 0 when they hold all, NaN when nobody knows. */
    private double lagInSeconds(Clock clock) {
        try {
            var next = eventLog.readAll(position.reached(), 1).events();
            return next.isEmpty()
                    ? 0
                    : Math.max(
                            0,
                            Duration.between(next.getFirst().recordedAt(), clock.instant())
                                            .toNanos()
                                    / 1e9);
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    private void ensureSchema() {
        if (schema.ensure(eventLog.head().position())) {
            position.restarted();
        }
    }

    /** Brings tables back that somebody dropped. The processor goes on from the new token by itself. */
    private void watch() {
        try {
            if (handler.mustComeBack()) {
                processor.releaseSegment(0, 1, TimeUnit.SECONDS);
            }
            position.look();
            if (away) {
                // Left alone, the processor would try again only after as long as it has waited last.
                away = false;
                processor.shutDown();
                processor.start();
            }
        } catch (RuntimeException e) {
            if (!ReadModelSchema.isMissing(e)) {
                away = true;
                return;
            }
            log.warn("the tables of the read model are gone and will be made anew");
            try {
                position.lost();
                schema.ensure(eventLog.head().position());
                position.restarted();
            } catch (RuntimeException again) {
                log.warn("the tables of the read model could not be made", again);
            }
        }
    }
}
