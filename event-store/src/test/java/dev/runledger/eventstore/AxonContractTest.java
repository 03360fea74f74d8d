package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.axonframework.eventsourcing.utils.EventStoreTestUtils.AGGREGATE;
import static org.axonframework.eventsourcing.utils.EventStoreTestUtils.createEvent;
import static org.axonframework.eventsourcing.utils.EventStoreTestUtils.createEvents;

import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.AbstractEventStorageEngineTest;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Axon's own tests of a storage engine, against ours. Each override says why it differs. */
class AxonContractTest
        extends AbstractEventStorageEngineTest<PostgresEventStorageEngine, PostgresEventStorageEngine.Builder> {

    private TestDatabase database;
    private PostgresEventStorageEngine engine;
    private EventLog log;

    @BeforeEach
    void open() {
        database = TestDatabase.fresh();
        engine = createEngine();
        log = new EventLog(database.application());
        setTestSubject(engine);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Override
    protected PostgresEventStorageEngine createEngine(UnaryOperator<PostgresEventStorageEngine.Builder> customization) {
        StableTypeSerializer serializer = new StableTypeSerializer(new JsonMapper(), Map.of());
        return customization
                .apply(PostgresEventStorageEngine.builder()
                        .dataSource(database.application())
                        .eventSerializer(serializer)
                        .snapshotSerializer(serializer))
                .build();
    }

    /** An event id is unique in what one author sends, not over the log: no index is spent on it. */
    @Override
    @Test
    public void uniqueKeyConstraintOnFirstEventIdentifierThrowsAggregateIdentifierAlreadyExistsException() {
        sameEventIdInTwoStreamsIsTaken();
    }

    /** As above. */
    @Override
    @Test
    public void uniqueKeyConstraintOnEventIdentifier() {
        sameEventIdInTwoStreamsIsTaken();
    }

    private void sameEventIdInTwoStreamsIsTaken() {
        String id = "0198c0de-0000-7000-8000-000000000001";
        engine.appendEvents(createEvent(id, AGGREGATE, 0), createEvent(id, "otherAggregate", 0));
        assertThat(log.head().position()).isEqualTo(2);
    }

    /** The kit's events start streams at their second and third version; this log keeps no holes. */
    @Override
    @Test
    public void createTailToken() {
        List<DomainEventMessage<?>> events = createEvents(3);
        engine.appendEvents(events);

        assertThat(idsAfter(engine.createTailToken())).containsExactlyElementsOf(ids(events));
    }

    /** As above. */
    @Override
    @Test
    public void createHeadToken() {
        engine.appendEvents(createEvents(3));

        assertThat(idsAfter(engine.createHeadToken())).isEmpty();
    }

    /** As above. */
    @Override
    @Test
    public void createTokenAtTimeBeforeFirstEvent() {
        List<DomainEventMessage<?>> events = createEvents(3);
        engine.appendEvents(events);

        assertThat(idsAfter(engine.createTokenAt(Instant.parse("2006-12-03T10:15:30.00Z"))))
                .containsExactlyElementsOf(ids(events));
    }

    /** Events read by position carry one metadata more, recordedAt. */
    @Override
    @Test
    public void storeAndLoadApplicationEvent() {
        engine.appendEvents(new GenericEventMessage<>("application event", MetaData.with("key", "value")));

        EventMessage<?> message = engine.readEvents(null, false).findFirst().orElseThrow();
        assertThat(message.getPayload()).isEqualTo("application event");
        assertThat(message.getMetaData())
                .containsEntry("key", "value")
                .containsKey(PostgresEventStorageEngine.RECORDED_AT)
                .hasSize(2);
    }

    /** A token at a time goes by when the log took the event, not by when it says it happened. */
    @Override
    @Test
    public void createTokenAt() {
        List<DomainEventMessage<?>> events = createEvents(3);
        events.forEach(event -> engine.appendEvents(event));

        assertThat(idsAfter(engine.createTokenAt(recordedAt(2)))).containsExactlyElementsOf(ids(events.subList(1, 3)));
    }

    /** As above: an event at exactly that time is still to come. */
    @Override
    @Test
    public void createTokenAtExactTime() {
        List<DomainEventMessage<?>> events = createEvents(3);
        engine.appendEvents(events);

        assertThat(idsAfter(engine.createTokenAt(recordedAt(1)))).containsExactlyElementsOf(ids(events));
        assertThat(idsAfter(engine.createTokenAt(recordedAt(1).plusNanos(1_000))))
                .isEmpty();
    }

    /** As above: the order of the log is the order of recordedAt, whatever the events say. */
    @Override
    @Test
    public void createTokenWithUnorderedEvents() {
        DomainEventMessage<?> late = occurred(0, "2007-12-03T10:15:50.00Z");
        DomainEventMessage<?> early = occurred(1, "2007-12-03T10:15:40.00Z");
        engine.appendEvents(late);
        engine.appendEvents(early);

        assertThat(idsAfter(engine.createTokenAt(recordedAt(2)))).containsExactly(early.getIdentifier());
    }

    /** As above. */
    @Override
    @Test
    public void createTokenAtTimeAfterLastEvent() {
        engine.appendEvents(createEvents(3));

        assertThat(idsAfter(engine.createTokenAt(recordedAt(3).plusSeconds(1)))).isEmpty();
    }

    private static DomainEventMessage<?> occurred(long sequenceNumber, String time) {
        return new GenericDomainEventMessage<>(
                "type",
                AGGREGATE,
                sequenceNumber,
                "payload",
                MetaData.emptyInstance(),
                UUID.randomUUID().toString(),
                Instant.parse(time));
    }

    private Instant recordedAt(long position) {
        return log.readAll(position - 1, 1).events().getFirst().recordedAt();
    }

    private List<String> idsAfter(@Nullable TrackingToken token) {
        return engine.readEvents(token, false)
                .map(TrackedEventMessage::getIdentifier)
                .toList();
    }

    private static List<String> ids(List<? extends EventMessage<?>> events) {
        return events.stream().<String>map(EventMessage::getIdentifier).toList();
    }
}
