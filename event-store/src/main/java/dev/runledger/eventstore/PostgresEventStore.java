package dev.runledger.eventstore;

import java.time.Instant;
import org.axonframework.common.AxonConfigurationException;
import org.axonframework.common.Registration;
import org.axonframework.eventhandling.EventBusSpanFactory;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.AbstractEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.lifecycle.Lifecycle;
import org.axonframework.lifecycle.Phase;
import org.axonframework.monitoring.MessageMonitor;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event store over the log, whose streams wake their readers as soon as events are durable.
 *
 * <p>All streams share what is near the end of the log: each event is read from the database once, by one
 * thread, into a ring that is bounded in events and bytes. A stream that is behind the ring reads pages of its
 * own ahead, and joins it later. Events of this node are seen at once; those of other nodes within 20 ms
 * while events come, within 250 ms otherwise. Streams survive a database that is away: they have nothing
 * available until it is back. Three threads in all, from the first stream on.
 */
public final class PostgresEventStore extends AbstractEventStore implements Lifecycle {

    private static final int RING_EVENTS = 8_192;
    private static final long RING_BYTES = 32L << 20;

    private final PostgresEventStorageEngine engine;
    private final Ring ring;
    private final Tail tail;
    private final Registration appends;

    private PostgresEventStore(Builder builder, PostgresEventStorageEngine engine) {
        super(builder);
        this.engine = engine;
        this.ring = new Ring(builder.ringEvents, builder.ringBytes);
        this.tail = new Tail(engine, ring, builder.polling);
        this.appends = engine.onAppend(tail);
    }

    /** Needs the engine. */
    public static Builder builder() {
        return new Builder();
    }

    /** A stream of all events after the token; null begins with the first. Close it when done. */
    @Override
    public TrackingEventStream openStream(@Nullable TrackingToken trackingToken) {
        return tail.open(PostgresEventStorageEngine.position(trackingToken));
    }

    /** When the log took a message of its streams, without parsing its metadata where they gave it. */
    public static Instant recordedAt(EventMessage<?> message) {
        return message instanceof LoggedEventMessage<?> logged
                ? logged.recordedAt()
                : Instant.parse((String) message.getMetaData().get(PostgresEventStorageEngine.RECORDED_AT));
    }

    /** How many characters of JSON the payload of a message of this store has, without parsing it. */
    public int payloadLength(EventMessage<?> message) {
        return message.serializePayload(engine.inOrder(), String.class)
                .getData()
                .length();
    }

    /** Closes all streams and stops the threads; publishing still works. Further calls do nothing. */
    public void shutDown() {
        appends.cancel();
        tail.close();
    }

    @Override
    public void registerLifecycleHandlers(LifecycleRegistry lifecycle) {
        lifecycle.onShutdown(Phase.INBOUND_EVENT_CONNECTORS - 10, this::shutDown);
    }

    @Override
    protected EventStorageEngine storageEngine() {
        return engine;
    }

    /** How many events the ring holds. */
    long ringEvents() {
        return ring.events();
    }

    /** Builds the store. */
    public static final class Builder extends AbstractEventStore.Builder {

        private @Nullable PostgresEventStorageEngine engine;
        private int ringEvents = RING_EVENTS;
        private long ringBytes = RING_BYTES;
        private Tail.Polling polling = Tail.Polling.DEFAULT;

        private Builder() {}

        /** @throws AxonConfigurationException unless it is a {@link PostgresEventStorageEngine} */
        @Override
        public Builder storageEngine(EventStorageEngine storageEngine) {
            if (!(storageEngine instanceof PostgresEventStorageEngine postgres)) {
                throw new AxonConfigurationException("the store works with a PostgresEventStorageEngine only");
            }
            engine = postgres;
            super.storageEngine(storageEngine);
            return this;
        }

        /** How much the ring holds at most; by default 8,192 events and 32 MiB. */
        public Builder ring(int events, long bytes) {
            ringEvents = events;
            ringBytes = bytes;
            return this;
        }

        Builder polling(Tail.Polling polling) {
            this.polling = polling;
            return this;
        }

        @Override
        public Builder messageMonitor(MessageMonitor<? super EventMessage<?>> messageMonitor) {
            super.messageMonitor(messageMonitor);
            return this;
        }

        /** Traces publishing. */
        public Builder spans(EventBusSpanFactory spanFactory) {
            super.spanFactory(spanFactory);
            return this;
        }

        /** @throws AxonConfigurationException without an engine */
        public PostgresEventStore build() {
            PostgresEventStorageEngine postgres = engine;
            if (postgres == null) {
                throw new AxonConfigurationException("the store needs an engine");
            }
            return new PostgresEventStore(this, postgres);
        }
    }
}
