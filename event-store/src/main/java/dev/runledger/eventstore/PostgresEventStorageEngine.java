package dev.runledger.eventstore;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.axonframework.common.AxonConfigurationException;
import org.axonframework.common.Registration;
import org.axonframework.common.jdbc.PersistenceExceptionResolver;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.EventUtils;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.WrappedToken;
import org.axonframework.eventsourcing.eventstore.AbstractEventStorageEngine;
import org.axonframework.eventsourcing.snapshotting.SnapshotFilter;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.upcasting.event.EventUpcaster;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Keeps Axon's events in the log, in one total order without gaps.
 *
 * <p>An append is durable when {@link #appendEvents} returns, whatever becomes of the unit of work around
 * it; {@link AppendReceipt#of} tells where it went. Appends that wait at one time share a transaction and a
 * sync to disk, yet each is stored or refused alone. Tokens are plain
 * positions. An aggregate identifier is {@code namespace/stream}, see {@link StreamId#parse}; Axon's
 * sequence number n is version n + 1; an aggregate's type is not stored, and reads back as the stream's
 * name up to its first '/', so polymorphic aggregates cannot be read back.
 *
 * <p>The metadata {@link #OCCURRED_AT} and {@link #RECORDED_AT} belong to the log: neither is stored
 * with an event. The serializers must write JSON.
 *
 * <p>Besides Axon's exceptions, appending throws {@link AppendRefusedException} and
 * {@link LogUnavailableException}; the cause of a {@code ConcurrencyException} is a {@link
 * VersionConflict}, except when only the table's unique constraint noticed.
 */
public final class PostgresEventStorageEngine extends AbstractEventStorageEngine implements AutoCloseable {

    /**
     * Metadata that states when an event happened, as an {@link Instant} or its ISO text; without it, it
     * is the message's timestamp. Reads back as the message's timestamp, in whole microseconds.
     */
    public static final String OCCURRED_AT = "occurredAt";

    /** Metadata of events read by position: when the log took them, as ISO text. */
    public static final String RECORDED_AT = "recordedAt";

    private static final int PAGE_EVENTS = 1_000;
    private static final String STREAM_VERSION_CONSTRAINT = "event_stream_version";

    private final EventLog log;
    private final EventLog tail;
    private final GroupCommit commits;
    private final EventEncoder encoder;
    private final SnapshotTable snapshots;
    private final Serializer inOrder;
    private final AppendListener listener;
    private final List<LogWriter.Durable> appendListeners = new CopyOnWriteArrayList<>();

    private PostgresEventStorageEngine(Builder builder, DataSource dataSource) {
        super(builder);
        this.log = new EventLog(dataSource);
        this.tail = new EventLog(new ImpatientDataSource(dataSource, builder.limits.silence()));
        this.commits = new GroupCommit(
                new LogWriter(builder.appends(dataSource), tellingListeners(), builder.limits), builder.limits);
        this.encoder = new EventEncoder(getEventSerializer());
        this.snapshots = new SnapshotTable(dataSource, builder.codeVersion);
        this.inOrder = builder.readsUnknown && getEventSerializer() instanceof StableTypeSerializer stable
                ? stable.readingUnknown()
                : getEventSerializer();
        this.listener = builder.listener;
    }

    /** Needs a data source and serializers that write JSON. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    protected void appendEvents(List<? extends EventMessage<?>> messages, Serializer serializer) {
        if (messages.isEmpty()) {
            return;
        }
        AppendListener.Outcome outcome = AppendListener.Outcome.FAILED;
        long begin = System.nanoTime();
        try {
            List<AppendReceipt> receipts = commits.append(encoder.encode(messages));
            outcome = AppendListener.Outcome.APPENDED;
            AppendReceipt.leave(receipts);
        } catch (StaleAppendException e) {
            outcome = AppendListener.Outcome.CONFLICT;
            handlePersistenceException(e.conflict(), messages.get(e.index()));
        } catch (SQLException e) {
            handlePersistenceException(e, messages.getFirst());
        } finally {
            listener.appended(outcome, messages.size(), Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    @Override
    protected void storeSnapshot(DomainEventMessage<?> snapshot, Serializer serializer) {
        snapshots.store(encoder.encodeSnapshot(snapshot, serializer));
    }

    @Override
    protected Stream<? extends DomainEventData<?>> readEventData(String identifier, long firstSequenceNumber) {
        StreamId id = StreamId.parse(identifier);
        Pages pages = new Pages(
                after -> log.readStream(id, after, Long.MAX_VALUE, EventFilter.ALL, PAGE_EVENTS),
                firstSequenceNumber,
                false,
                StoredEvent::version);
        return StreamSupport.stream(pages, false).map(event -> new LoggedMessage.InStream(event, identifier));
    }

    @Override
    protected Stream<? extends TrackedEventData<?>> readEventData(
            @Nullable TrackingToken trackingToken, boolean mayBlock) {
        Pages pages = new Pages(
                after -> log.readAll(after, PAGE_EVENTS), position(trackingToken), true, StoredEvent::position);
        return StreamSupport.stream(pages, false).map(PostgresEventStorageEngine::tracked);
    }

    /** Answers the appends that wait, within 30 s, and takes no more; reading still works. */
    @Override
    public void close() {
        commits.close();
    }

    /** How many appends wait in the queue. */
    int waitingAppends() {
        return commits.waiting();
    }

    /** Whether a group of appends is being written. */
    boolean isWriting() {
        return commits.isWriting();
    }

    private LogWriter.Durable tellingListeners() {
        return new LogWriter.Durable() {
            @Override
            public void written(Written group) {
                appendListeners.forEach(listener -> listener.written(group));
            }

            @Override
            public void found(long position) {
                appendListeners.forEach(listener -> listener.found(position));
            }
        };
    }

    /** Tells of every group of appends, as soon as it is durable, until the registration is cancelled. */
    Registration onAppend(LogWriter.Durable listener) {
        appendListeners.add(listener);
        return () -> appendListeners.remove(listener);
    }

    /** For the store's threads; a server that falls silent is away. */
    Head newest() {
        return tail.head();
    }

    /** Whether the log has an event with this hash at a position, or is empty before the first; for the store's threads. */
    boolean continues(long position, Hash hash) {
        return position == 0 || tail.hashAt(position).equals(Optional.of(hash));
    }

    /** A page of the events after a position; for the store's threads, too. */
    Batch readBatch(long position) {
        return batch(position, tail.readAll(position, PAGE_EVENTS).events());
    }

    /** Events that follow a position, without a look at the database. */
    Batch batch(long position, List<StoredEvent> events) {
        return new Batch(position, events, this::decode);
    }

    private List<TrackedEventMessage<?>> decode(List<StoredEvent> events) {
        List<TrackedEventMessage<?>> messages = new ArrayList<>(events.size());
        EventUtils.upcastAndDeserializeTrackedEvents(
                        events.stream().map(PostgresEventStorageEngine::tracked), inOrder, upcasterChain)
                .forEach(message -> messages.add(
                        message instanceof GenericTrackedDomainEventMessage<?> ofAggregate
                                ? logged(ofAggregate, events)
                                : message));
        return messages;
    }

    /** @param events without a gap, among them the one behind the message, whatever upcasters made of it */
    private static TrackedEventMessage<?> logged(
            GenericTrackedDomainEventMessage<?> message, List<StoredEvent> events) {
        long index = position(message.trackingToken()) - events.getFirst().position();
        return new LoggedEventMessage<>(
                message, events.get(Math.toIntExact(index)).recordedAt());
    }

    /** What messages are read with that come in the order of the log, by way of a store. */
    Serializer inOrder() {
        return inOrder;
    }

    private static TrackedEventData<?> tracked(StoredEvent event) {
        return SingleMessage.is(event) ? new LoggedMessage.Single(event) : new LoggedMessage.InLog(event);
    }

    @Override
    protected Stream<? extends DomainEventData<?>> readSnapshotData(String aggregateIdentifier) {
        return snapshots.read(StreamId.parse(aggregateIdentifier)).stream()
                .map(snapshot -> snapshot.as(aggregateIdentifier));
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
        return log.streamHead(StreamId.parse(aggregateIdentifier)).map(head -> head.version() - 1);
    }

    /** A token before the first event; null while the log is empty, as Axon asks. */
    @Override
    public @Nullable TrackingToken createTailToken() {
        return log.head().position() == 0 ? null : new GlobalSequenceTrackingToken(0);
    }

    /** A token after the newest event; null while the log is empty, as Axon asks. */
    @Override
    public @Nullable TrackingToken createHeadToken() {
        long position = log.head().position();
        return position == 0 ? null : new GlobalSequenceTrackingToken(position);
    }

    /** A token before the first event recorded at the time or later; at the head when there is none. */
    @Override
    public TrackingToken createTokenAt(Instant recordedAt) {
        return new GlobalSequenceTrackingToken(log.positionBefore(recordedAt));
    }

    /** The position that the token stands at; 0 for null. */
    static long position(@Nullable TrackingToken token) {
        if (token == null) {
            return 0;
        }
        return WrappedToken.unwrap(token, GlobalSequenceTrackingToken.class)
                .orElseThrow(() -> new IllegalArgumentException("this log's tokens are positions, not "
                        + token.getClass().getName()))
                .getGlobalIndex();
    }

    private static boolean isVersionTaken(Exception failure) {
        if (failure instanceof VersionConflict) {
            return true;
        }
        if (failure instanceof PSQLException sql) {
            ServerErrorMessage message = sql.getServerErrorMessage();
            return message != null && STREAM_VERSION_CONSTRAINT.equals(message.getConstraint());
        }
        return false;
    }

    /** Builds the engine. */
    public static final class Builder extends AbstractEventStorageEngine.Builder {

        private @Nullable DataSource dataSource;
        private @Nullable DataSource appendDataSource;
        private String codeVersion = "";
        private GroupCommit.Limits limits = GroupCommit.Limits.DEFAULT;
        private AppendListener listener = (outcome, events, took) -> {};
        private boolean readsUnknown;

        private Builder() {
            super.persistenceExceptionResolver(PostgresEventStorageEngine::isVersionTaken);
        }

        /** The application's login, with auto-commit; isolation must be read committed. */
        public Builder dataSource(DataSource dataSource) {
            this.dataSource = dataSource;
            return this;
        }

        /**
         * Connections for appends alone, as the same login; one at a time is used. Without them an append waits for
         * one of {@link #dataSource}, behind everybody who reads.
         */
        public Builder appendDataSource(DataSource dataSource) {
            this.appendDataSource = dataSource;
            return this;
        }

        private DataSource appends(DataSource other) {
            return appendDataSource == null ? other : appendDataSource;
        }

        /** Marks the snapshots that are written; those of other versions are not read. */
        public Builder codeVersion(String codeVersion) {
            this.codeVersion = codeVersion;
            return this;
        }

        /**
         * Bounds the appends that wait for the writer; by default 10,000 and two seconds.
         *
         * @param appends that wait at most
         * @param wait    how long a further one waits for room, before it is a {@link LogUnavailableException}
         */
        public Builder queue(int appends, Duration wait) {
            limits = limits.withQueue(appends, wait);
            return this;
        }

        /** All bounds at once. */
        Builder limits(GroupCommit.Limits limits) {
            this.limits = limits;
            return this;
        }

        /**
         * Lets streams of a store go on at events of types that the {@link StableTypeSerializer} does not know: their
         * payload is Axon's {@code UnknownSerializedType} then. Otherwise such an event is thrown where it stands.
         */
        public Builder readingUnknownTypes() {
            readsUnknown = true;
            return this;
        }

        /** Is told of every append. */
        public Builder listener(AppendListener listener) {
            this.listener = listener;
            return this;
        }

        @Override
        public Builder eventSerializer(Serializer eventSerializer) {
            super.eventSerializer(eventSerializer);
            return this;
        }

        @Override
        public Builder snapshotSerializer(Serializer snapshotSerializer) {
            super.snapshotSerializer(snapshotSerializer);
            return this;
        }

        @Override
        public Builder upcasterChain(EventUpcaster upcasterChain) {
            super.upcasterChain(upcasterChain);
            return this;
        }

        @Override
        public Builder snapshotFilter(SnapshotFilter snapshotFilter) {
            super.snapshotFilter(snapshotFilter);
            return this;
        }

        /** Replaces how a taken version is recognised; there is rarely a reason to. */
        @Override
        public Builder persistenceExceptionResolver(PersistenceExceptionResolver persistenceExceptionResolver) {
            super.persistenceExceptionResolver(persistenceExceptionResolver);
            return this;
        }

        /** @throws AxonConfigurationException without a data source */
        public PostgresEventStorageEngine build() {
            DataSource source = dataSource;
            if (source == null) {
                throw new AxonConfigurationException("the engine needs a data source");
            }
            return new PostgresEventStorageEngine(this, source);
        }
    }
}
