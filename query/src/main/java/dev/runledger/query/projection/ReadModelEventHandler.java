package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.Erased;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Collects the events of a unit of work and folds them together before it commits, in the transaction that also moves
 * the token. Nothing is skipped: an event that cannot be folded fails its unit of work, again and again.
 */
@Component
class ReadModelEventHandler implements EventHandlerInvoker {

    private static final Logger log = LoggerFactory.getLogger(ReadModelEventHandler.class);

    private static final String BATCH = ReadModelEventHandler.class.getName();

    /** A batch of as many events is the work of several at once, or of one who does not wait for each. */
    private static final int BUSY_EVENTS = 4;

    private static final Duration SHORTEST_REST = Duration.ofMillis(20);
    private static final Duration LONGEST_REST = Duration.ofMillis(80);

    /** So many times as long as it worked, the projection leaves the processor to those who write. */
    private static final int RESTS = 2;

    private final ReadModelFold fold;
    private final ReadModelPosition position;
    private final ProjectionNode node;
    private final ReadModelSource source;
    private final JdbcClient jdbc;
    private final Counter folded;
    private final Timer batches;

    private volatile @Nullable Poison poison;

    private volatile Skips skips = Skips.NONE;

    /** After a batch that failed, its events go one by one, so that the one at fault can be named. */
    private volatile boolean oneByOne;

    private volatile boolean comeBack;

    ReadModelEventHandler(
            ReadModelPosition position,
            ProjectionNode node,
            ReadModelConnections connections,
            ReadModelSource source,
            MeterRegistry meters) {
        this.source = source;
        this.fold = ReadModelFold.forgetful(ReadModelTables.of(new JdbcTemplate(connections.live())));
        this.node = node;
        this.jdbc = JdbcClient.create(connections.live());
        this.position = position;
        this.folded = Counter.builder("runledger.projection.events")
                .description("events folded into the read model")
                .register(meters);
        this.batches = Timer.builder("runledger.projection.batch")
                .description("folding and writing one batch, without its commit")
                .register(meters);
    }

    /** What stops the projection; null while nothing does. */
    @Nullable
    Poison poison() {
        return poison;
    }

    /** From the next event on, these are skipped. */
    void skip(Skips decided) {
        skips = decided;
    }

    /** Every event moves the token, also those of streams that are no executions'. */
    @Override
    public boolean canHandle(EventMessage<?> message, Segment segment) {
        return true;
    }

    @Override
    public boolean supportsReset() {
        return false;
    }

    @Override
    public void handle(EventMessage<?> message, Segment segment) {
        var root = CurrentUnitOfWork.get().root();
        Batch batch = root.getOrComputeResource(BATCH, ignored -> begin(root));
        batch.add((TrackedEventMessage<?>) message, skips);
    }

    private Batch begin(UnitOfWork<?> unitOfWork) {
        var batch = new Batch();
        unitOfWork.onPrepareCommit(ignored -> fold(batch));
        unitOfWork.afterCommit(ignored -> committed(batch));
        return batch;
    }

    private void fold(Batch batch) {
        batch.began = System.nanoTime();
        source.taken(batch.last);
        if (!batch.events.isEmpty() || batch.unreadable != null) {
            holdTables();
        }
        var stopper = poison;
        if (stopper != null && batch.first > stopper.position()) {
            // The processor went on behind a batch that was cut short; it has to come back.
            throw new PoisonEventException(stopper.position(), "still stops the projection");
        }
        if (stopper != null
                && !skips.contains(stopper.position())
                && batch.first < stopper.position()
                && stopper.position() <= batch.last) {
            cutShort(batch, stopper.position());
        }
        try {
            batches.record(() -> apply(batch));
        } catch (PoisonEventException e) {
            stopped(new Poison(e.position, String.valueOf(e.getMessage())));
            throw e;
        } catch (RuntimeException e) {
            oneByOne = true;
            // Axon logs what it gets.
            throw PassingFailure.is(e)
                    ? e
                    : new IllegalStateException("a batch could not be folded: " + PassingFailure.told(e));
        } catch (Error e) {
            // Axon would neither roll back nor ever come back after one.
            throw new IllegalStateException("a batch could not be folded", e);
        }
    }

    /**
     * Keeps the tables that are shown from being replaced until this batch has ended: whoever replaces them takes the
     * token row first, and leaves the old one without an owner.
     */
    private void holdTables() {
        var held = jdbc.sql("""
                select name
                from read_model.projection_token
                where name = :name
                  and owner = :node
                  and code_version = :codeVersion
                for update
                """)
                .param("name", ReadModelSchema.PROJECTION)
                .param("node", node.id())
                .param("codeVersion", ReadModelSchema.CODE_VERSION)
                .query(String.class)
                .optional();
        if (held.isEmpty()) {
            throw new UnableToClaimTokenException("the tables were replaced, or another node folds the log into them");
        }
    }

    private void apply(Batch batch) {
        if (oneByOne) {
            batch.events.forEach(this::foldAlone);
        } else if (!batch.events.isEmpty()) {
            fold.apply(batch.events, skips);
        }
        if (batch.unreadable != null) {
            throw batch.unreadable;
        }
    }

    /** Leaves only what comes before the event at {@code position}, so that nothing else waits for it. */
    private void cutShort(Batch batch, long position) {
        batch.events.removeIf(event -> event.position() >= position);
        batch.unreadable = null;
        batch.last = position - 1;
        jdbc.sql("""
                update read_model.projection_token
                set position = :last
                where name = :name
                """)
                .param("last", batch.last)
                .param("name", ReadModelSchema.PROJECTION)
                .update();
        comeBack = true;
    }

    /** Whether the processor has to read again from its token; asked once. */
    boolean mustComeBack() {
        var must = comeBack;
        comeBack = false;
        return must;
    }

    private void foldAlone(RecordedEvent event) {
        try {
            fold.apply(List.of(event), skips);
        } catch (PoisonEventException e) {
            throw e;
        } catch (RuntimeException e) {
            if (PassingFailure.is(e)) {
                throw e;
            }
            throw new PoisonEventException(event.position(), "cannot be written (" + PassingFailure.told(e) + ")");
        }
    }

    private void stopped(Poison by) {
        if (!by.equals(poison)) {
            log.error("the projection stops: {}", by.reason());
        }
        poison = by;
        oneByOne = true;
    }

    private void committed(Batch batch) {
        folded.increment(batch.events.size());
        position.advancedTo(batch.last);
        source.folded(batch.last);
        oneByOne = false;
        passed(batch.last);
        if (batch.events.size() >= BUSY_EVENTS && !source.hasBacklog()) {
            rest(Duration.ofNanos(RESTS * (System.nanoTime() - batch.began)));
        }
    }

    /**
     * While many write at once, the next batch is let grow: the more is in it, the less an event costs, and takes from
     * those who write.
     */
    private void rest(Duration wanted) {
        var atLeast = wanted.compareTo(SHORTEST_REST) < 0 ? SHORTEST_REST : wanted;
        try {
            position.rest(atLeast.compareTo(LONGEST_REST) < 0 ? atLeast : LONGEST_REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The rows hold everything up to {@code last}, by whatever node. */
    void passed(long last) {
        var stopper = poison;
        if (stopper != null && last >= stopper.position()) {
            log.info("the projection has passed position {}", stopper.position());
            poison = null;
        }
    }

    private static final class Batch {

        long first;
        long began;
        final List<RecordedEvent> events = new ArrayList<>();
        long last;

        /** Why an event after {@link #events} could not even be read. */
        @Nullable
        PoisonEventException unreadable;

        void add(TrackedEventMessage<?> message, Skips skips) {
            last = message.trackingToken().position().orElseThrow();
            first = first == 0 ? last : first;
            if (unreadable != null || !(message instanceof DomainEventMessage<?> event)) {
                return;
            }
            var stream = StreamId.parse(event.getAggregateIdentifier());
            if (!ExecutionId.isStream(stream.stream())) {
                return;
            }
            try {
                events.add(recorded(stream, event, last, skips));
            } catch (PoisonEventException e) {
                unreadable = e;
            } catch (RuntimeException e) {
                if (!skips.contains(last)) {
                    unreadable = LoggedEvents.unreadable(last, e);
                }
            }
        }
    }

    private static RecordedEvent recorded(StreamId stream, DomainEventMessage<?> message, long position, Skips skips) {
        Object payload = skips.contains(position) ? LoggedEvents.NOTHING : message.getPayload();
        if (payload instanceof UnknownSerializedType unknown) {
            throw LoggedEvents.unknownType(position, unknown.serializedType().getName());
        }
        return new RecordedEvent(
                ExecutionId.ofStream(stream.namespace(), stream.stream()),
                message.getSequenceNumber() + 1,
                position,
                message.getTimestamp(),
                PostgresEventStore.recordedAt(message),
                payload instanceof Erased erased
                        ? LoggedEvents.withoutContents(erased.type())
                        : (ExecutionEvent) payload);
    }
}
