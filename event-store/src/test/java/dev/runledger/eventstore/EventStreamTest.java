package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static dev.runledger.eventstore.TestLog.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.runledger.eventstore.TestLog.Noted;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.SimpleEventHandlerInvoker;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.inmemory.InMemoryTokenStore;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.serialization.upcasting.event.EventUpcaster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(120)
class EventStreamTest {

    private static final Logger logger = LoggerFactory.getLogger(EventStreamTest.class);

    private final TestLog test = new TestLog();
    private final List<PostgresEventStore> stores = new CopyOnWriteArrayList<>();
    private final PostgresEventStore store = store(test.engine, 8_192);

    @AfterEach
    void close() {
        stores.forEach(PostgresEventStore::shutDown);
        test.close();
    }

    @Nested
    class AStream {

        @Test
        void hasWhatTheLogHas() throws InterruptedException {
            DomainEventMessage<?> published = event(STREAM, 1);
            store.publish(published);
            try (TrackingEventStream stream = store.openStream(null)) {
                assertThat(stream.hasNextAvailable()).isTrue();
                TrackedEventMessage<?> read = stream.nextAvailable();
                assertThat(read.getIdentifier()).isEqualTo(published.getIdentifier());
                assertThat(read.getPayload()).isEqualTo(published.getPayload());
                assertThat(read).isInstanceOf(DomainEventMessage.class);
                assertThat(read.trackingToken()).isEqualTo(new GlobalSequenceTrackingToken(1));
                assertThat(stream.hasNextAvailable()).isFalse();
            }
        }

        @Test
        void blocksUntilThereIsSomething() throws Exception {
            try (TrackingEventStream stream = store.openStream(null)) {
                assertThat(stream.hasNextAvailable(20, TimeUnit.MILLISECONDS)).isFalse();
                CompletableFuture<Long> first = CompletableFuture.supplyAsync(() -> next(stream));
                CompletableFuture<Long> second = first.thenApplyAsync(read -> next(stream));
                store.publish(event(STREAM, 1));
                assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(1);
                assertThat(second.isDone()).isFalse();
                store.publish(event(STREAM, 2));
                assertThat(second.get(5, TimeUnit.SECONDS)).isEqualTo(2);
            }
        }

        @Test
        void continuesAfterItsToken() throws InterruptedException {
            store.publish(events(STREAM, 1, 3));
            try (TrackingEventStream stream = store.openStream(new GlobalSequenceTrackingToken(2))) {
                assertThat(next(stream)).isEqualTo(3);
            }
        }

        @Test
        void peeksWithoutMoving() throws InterruptedException {
            store.publish(events(STREAM, 1, 2));
            try (TrackingEventStream stream = store.openStream(null)) {
                TrackedEventMessage<?> peeked = stream.peek().orElseThrow();
                assertThat(stream.peek()).containsSame(peeked);
                assertThat(stream.nextAvailable()).isSameAs(peeked);
                assertThat(next(stream)).isEqualTo(2);
                assertThat(stream.peek()).isEmpty();
            }
        }

        @Test
        void sharesMessagesNearTheHead() throws InterruptedException {
            try (TrackingEventStream one = store.openStream(null);
                    TrackingEventStream other = store.openStream(null)) {
                assertThat(one.hasNextAvailable()).isFalse();
                store.publish(events(STREAM, 1, 2));
                assertThat(one.nextAvailable()).isSameAs(other.nextAvailable());
                try (TrackingEventStream late = store.openStream(new GlobalSequenceTrackingToken(1))) {
                    assertThat(one.nextAvailable()).isSameAs(late.nextAvailable());
                }
            }
        }

        @Test
        void leavesOutIgnoredTypesButReachesTheHead() throws InterruptedException {
            List<DomainEventMessage<?>> published = new ArrayList<>();
            for (int version = 1; version <= 1_500; version++) {
                published.add(version == 700 ? event(STREAM, 700, new Noted("a"), Map.of()) : event(STREAM, version));
            }
            store.publish(published);
            try (TrackingEventStream stream = store.openStream(null)) {
                TrackedEventMessage<?> first = stream.nextAvailable();
                stream.skipMessagesWithPayloadTypeOf(first);
                assertThat(next(stream)).isEqualTo(700);
                assertThat(next(stream)).isEqualTo(1_000);
                assertThat(next(stream)).isEqualTo(1_500);
                assertThat(stream.hasNextAvailable()).isFalse();
            }
        }

        @Test
        void callsBackEachTimeAfterItHadNothing() throws InterruptedException {
            AtomicInteger calls = new AtomicInteger();
            try (TrackingEventStream stream = store.openStream(null)) {
                assertThat(stream.setOnAvailableCallback(() -> {
                            calls.incrementAndGet();
                            throw new IllegalStateException("a reader that fails does not stop the tail");
                        }))
                        .isTrue();
                for (int version = 1; version <= 3; version++) {
                    assertThat(stream.hasNextAvailable(100, TimeUnit.MILLISECONDS))
                            .isFalse();
                    int before = calls.get();
                    store.publish(event(STREAM, version));
                    await().atMost(Duration.ofSeconds(5))
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> calls.get() > before);
                    assertThat(stream.hasNextAvailable()).isTrue();
                    assertThat(next(stream)).isEqualTo(version);
                }
                store.publish(event(STREAM, 4));
                await().until(() ->
                        ((GlobalSequenceTrackingToken) stream.nextAvailable().trackingToken()).getGlobalIndex() == 4);
            }
        }

        @Test
        void endsForWhoeverWaitsWhenItIsClosed() throws Exception {
            TrackingEventStream stream = store.openStream(null);
            CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(() -> next(stream));
            assertThatThrownBy(() -> waiting.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            stream.close();
            assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(stream.hasNextAvailable(1, TimeUnit.DAYS)).isFalse();
            assertThat(stream.peek()).isEmpty();
            stream.close();
        }

        @Test
        void givesWhatUpcastersMakeOfAnEvent() throws InterruptedException {
            PostgresEventStore upcasting = store(
                    PostgresEventStorageEngine.builder()
                            .dataSource(test.database.application())
                            .eventSerializer(TestLog.serializer())
                            .snapshotSerializer(TestLog.serializer())
                            .upcasterChain(eachAsOftenAsItsPositionModuloThree())
                            .build(),
                    8_192);
            store.publish(events(STREAM, 1, 3));
            try (TrackingEventStream stream = upcasting.openStream(null)) {
                assertThat(take(stream, 3)).containsExactly(1L, 2L, 2L);
                store.publish(events(STREAM, 4, 3));
                assertThat(take(stream, 3)).containsExactly(4L, 5L, 5L);
                assertThat(stream.hasNextAvailable()).isFalse();
            }
        }

        @Test
        void throwsWhereAnEventCannotBeReadAndNotBefore() throws InterruptedException {
            PostgresEventStore failing = store(
                    PostgresEventStorageEngine.builder()
                            .dataSource(test.database.application())
                            .eventSerializer(TestLog.serializer())
                            .snapshotSerializer(TestLog.serializer())
                            .upcasterChain(representations -> representations.peek(event -> {
                                if (position(event.getTrackingToken().orElseThrow()) == 3) {
                                    throw new EventStoreException("no upcaster for this");
                                }
                            }))
                            .build(),
                    8_192);
            store.publish(events(STREAM, 1, 4));
            for (int attempt = 0; attempt < 2; attempt++) {
                try (TrackingEventStream stream = failing.openStream(null)) {
                    assertThat(take(stream, 2)).containsExactly(1L, 2L);
                    assertThatThrownBy(stream::hasNextAvailable).isInstanceOf(EventStoreException.class);
                    assertThatThrownBy(stream::hasNextAvailable).isInstanceOf(EventStoreException.class);
                }
            }
            try (TrackingEventStream stream = failing.openStream(new GlobalSequenceTrackingToken(3))) {
                assertThat(next(stream)).isEqualTo(4);
            }
        }

        private static EventUpcaster eachAsOftenAsItsPositionModuloThree() {
            return representations -> representations.flatMap(event -> Stream.generate(() -> event)
                    .limit(position(event.getTrackingToken().orElseThrow()) % 3));
        }
    }

    @Nested
    class AnAggregate {

        @Test
        void isReadWithWhatItsUnitOfWorkHasStaged() {
            store.publish(events(STREAM, 1, 2));
            DefaultUnitOfWork<?> unitOfWork = DefaultUnitOfWork.startAndGet(null);
            store.publish(events(STREAM, 3, 2));
            assertThat(versions(0)).containsExactly(1L, 2L, 3L, 4L);
            assertThat(versions(2)).containsExactly(3L, 4L);
            assertThat(store.lastSequenceNumberFor(STREAM.aggregateIdentifier()))
                    .contains(3L);
            CurrentUnitOfWork.clear(unitOfWork);
            assertThat(versions(0)).containsExactly(1L, 2L);
            CurrentUnitOfWork.set(unitOfWork);
            unitOfWork.commit();
            assertThat(versions(0)).containsExactly(1L, 2L, 3L, 4L);
        }

        @Test
        void isReadFromItsSnapshotOn() {
            store.publish(events(STREAM, 1, 110));
            store.storeSnapshot(event(STREAM, 31));
            assertThat(versions(-1))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(31, 110).boxed().toList());
        }

        /** @param from a sequence number; -1 for the newest snapshot */
        private List<Long> versions(long from) {
            String id = STREAM.aggregateIdentifier();
            return (from < 0 ? store.readEvents(id) : store.readEvents(id, from))
                    .asStream()
                    .<Long>map(message -> message.getSequenceNumber() + 1)
                    .toList();
        }
    }

    @Nested
    class APooledProcessor {

        private static final int WRITERS = 4;
        private static final int APPENDS = 300;

        /** Also says in the log how long after its commit an event reaches the handler. */
        @Test
        void seesEachEventOnceInOrderWhileWritersFailAtRandom() throws Exception {
            Seen seen = new Seen();
            PooledStreamingEventProcessor processor = processor(seen);
            processor.start();
            try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
                List<Future<?>> done = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    int number = writer;
                    done.add(writers.submit(() -> write(new Random(number))));
                }
                for (Future<?> one : done) {
                    one.get();
                }
            }
            long head = test.log.head().position();
            assertThat(head).isPositive();
            await().atMost(Duration.ofSeconds(20)).until(() -> seen.positions.size() >= head);
            assertThat(seen.positions).containsExactlyElementsOf(upTo(head));
            processor.shutDown();
        }

        @Test
        void isWokenByACommit() throws InterruptedException {
            Seen seen = new Seen();
            PooledStreamingEventProcessor processor = processor(seen);
            processor.start();
            long[] took = new long[200];
            for (int i = 0; i < took.length; i++) {
                test.engine.appendEvents(event(STREAM, i + 1));
                long committed = System.nanoTime();
                int count = i + 1;
                await().atMost(Duration.ofSeconds(5))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> seen.positions.size() == count);
                took[i] = seen.lastNanos - committed;
            }
            processor.shutDown();
            Arrays.sort(took);
            logger.info(
                    "From commit to handler: p50 {} ms, p95 {} ms, max {} ms",
                    took[100] / 1e6,
                    took[190] / 1e6,
                    took[199] / 1e6);
        }

        private void write(Random random) {
            for (int i = 0; i < APPENDS; i++) {
                StreamId stream = new StreamId("ns", "execution/" + random.nextInt(20));
                long version =
                        test.log.streamHead(stream).map(StreamHead::version).orElse(0L) + 1 + random.nextInt(4) / 3;
                DefaultUnitOfWork<?> unitOfWork = DefaultUnitOfWork.startAndGet(null);
                store.publish(events(stream, version, 1 + random.nextInt(5)));
                if (random.nextInt(10) == 0) {
                    unitOfWork.rollback();
                    continue;
                }
                try {
                    unitOfWork.commit();
                } catch (ConcurrencyException | AggregateStreamCreationException e) {
                    // another writer was first, or the version was wrong on purpose
                }
            }
        }

        private PooledStreamingEventProcessor processor(Seen seen) {
            return PooledStreamingEventProcessor.builder()
                    .name("seen")
                    .eventHandlerInvoker(SimpleEventHandlerInvoker.builder()
                            .eventHandlers(seen)
                            .build())
                    .messageSource(store)
                    .tokenStore(new InMemoryTokenStore())
                    .transactionManager(NoTransactionManager.instance())
                    .coordinatorExecutor(Executors.newSingleThreadScheduledExecutor())
                    .workerExecutor(Executors.newSingleThreadScheduledExecutor())
                    .initialSegmentCount(1)
                    .initialToken(StreamableMessageSource::createTailToken)
                    .batchSize(200)
                    .build();
        }
    }

    @Nested
    class AReaderFarBehind {

        @Test
        void joinsTheTailWithoutGapOrDuplicate() throws Exception {
            PostgresEventStore small = store(test.engine, 50);
            small.publish(events(STREAM, 1, 5_000));
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                for (int version = 5_001; version <= 5_400; version++) {
                    small.publish(event(STREAM, version));
                }
            });
            try (TrackingEventStream behind = small.openStream(null)) {
                assertThat(take(behind, 5_400)).containsExactlyElementsOf(upTo(5_400));
                writer.get();
                assertThat(behind.hasNextAvailable()).isFalse();
                small.publish(event(STREAM, 5_401));
                assertThat(next(behind)).isEqualTo(5_401);
            }
        }

        @Test
        void isNotKeptInMemory() throws Exception {
            PostgresEventStore small = store(test.engine, 20);
            try (TrackingEventStream quick = small.openStream(null);
                    TrackingEventStream slow = small.openStream(null)) {
                assertThat(slow.hasNextAvailable()).isFalse();
                for (int version = 1; version <= 300; version++) {
                    small.publish(event(STREAM, version));
                    assertThat(next(quick)).isEqualTo(version);
                    assertThat(small.ringEvents()).isLessThanOrEqualTo(20);
                }
                assertThat(take(slow, 300)).containsExactlyElementsOf(upTo(300));
                small.publish(event(STREAM, 301));
                assertThat(next(slow)).isEqualTo(301);
            }
        }

        @Test
        void isNotKeptInMemoryHoweverLargeTheEvents() throws Exception {
            PostgresEventStore small = PostgresEventStore.builder()
                    .storageEngine(test.engine)
                    .ring(1_000, 1 << 20)
                    .build();
            stores.add(small);
            try (TrackingEventStream stream = small.openStream(null)) {
                for (int version = 1; version <= 20; version++) {
                    small.publish(event(STREAM, version, new Noted("x".repeat(200_000)), Map.of()));
                    assertThat(next(stream)).isEqualTo(version);
                }
                assertThat(small.ringEvents()).isEqualTo(2);
            }
        }
    }

    @Nested
    class AnAppend {

        private static final Duration NEVER = Duration.ofDays(1);

        @Test
        void wakesReadersOfItsNodeWithoutPolling() throws InterruptedException {
            try (Follower follower = new Follower(PostgresEventStore.builder()
                    .storageEngine(test.engine)
                    .polling(new Tail.Polling(NEVER, NEVER))
                    .build())) {
                assertFollows(follower);
            }
        }

        @Test
        void reachesReadersOfItsNodeWithoutTheDatabase() throws InterruptedException {
            AtomicBoolean away = new AtomicBoolean();
            PostgresEventStore own = unasked(away);
            try (TrackingEventStream stream = own.openStream(null)) {
                own.publish(event(STREAM, 1));
                assertThat(next(stream)).isEqualTo(1);
                away.set(true);
                own.publish(events(STREAM, 2, 3));
                assertThat(take(stream, 3)).containsExactly(2L, 3L, 4L);
            }
        }

        @Test
        void isToReadersOfItsNodeWhatItIsInTheLog() throws InterruptedException {
            AtomicBoolean away = new AtomicBoolean();
            PostgresEventStore own = unasked(away);
            try (TrackingEventStream here = own.openStream(null);
                    TrackingEventStream there = store.openStream(null)) {
                own.publish(event(STREAM, 1));
                assertThat(List.of(next(here), next(there))).containsOnly(1L);
                away.set(true);
                own.publish(event(STREAM, 2).andMetaData(Map.of("commandId", "c-1")));

                assertThat(asRead(here.nextAvailable()))
                        .isEqualTo(asRead(there.nextAvailable()))
                        .contains(2L)
                        .hasAtLeastOneElementOfType(TestLog.Happened.class);
            }
        }

        @Test
        void tellsWhenItWasRecordedHoweverItIsDecorated() throws InterruptedException {
            try (TrackingEventStream stream = store.openStream(null)) {
                store.publish(event(STREAM, 1));
                TrackedEventMessage<?> message = stream.nextAvailable();
                Instant recordedAt = PostgresEventStore.recordedAt(message);

                assertThat(message.getMetaData()).containsEntry("recordedAt", recordedAt.toString());
                assertThat(PostgresEventStore.recordedAt(message.withMetaData(Map.of())))
                        .isEqualTo(recordedAt);
                assertThat(PostgresEventStore.recordedAt(message.andMetaData(Map.of("a", "b"))))
                        .isEqualTo(recordedAt);
                assertThat(PostgresEventStore.recordedAt(message.withTrackingToken(new GlobalSequenceTrackingToken(7))))
                        .isEqualTo(recordedAt);
            }
        }

        /** A store that asks the database for nothing but what it must, and for nothing while that is away. */
        private PostgresEventStore unasked(AtomicBoolean away) {
            PostgresEventStore made = PostgresEventStore.builder()
                    .storageEngine(PostgresEventStorageEngine.builder()
                            .dataSource(switched(test.database.application(), away))
                            .appendDataSource(test.database.application())
                            .eventSerializer(TestLog.serializer())
                            .snapshotSerializer(TestLog.serializer())
                            .build())
                    .polling(new Tail.Polling(NEVER, NEVER))
                    .build();
            stores.add(made);
            return made;
        }

        private static List<Object> asRead(TrackedEventMessage<?> message) {
            DomainEventMessage<?> event = (DomainEventMessage<?>) message;
            assertThat(event.getMetaData()).containsKeys("commandId", "recordedAt");
            return List.of(
                    position(message.trackingToken()),
                    event.getType(),
                    event.getAggregateIdentifier(),
                    event.getSequenceNumber(),
                    event.getIdentifier(),
                    event.getTimestamp(),
                    event.getPayload(),
                    event.getMetaData());
        }

        @Test
        void isFoundByReadersOfAnotherNodeThroughPolling() throws InterruptedException {
            try (Follower follower = Follower.of(TestLog.engine(test.database.owner()))) {
                assertFollows(follower);
            }
        }

        /** Several times, as a reader that has just begun would find one event also without being told. */
        private void assertFollows(Follower follower) {
            for (long version = 1; version <= 4; version++) {
                test.engine.appendEvents(event(STREAM, version));
                List<Long> expected = upTo(version);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> follower.positions().equals(expected));
            }
        }
    }

    /** A standby that lacked the last events has taken over, or an older backup was put in place. */
    @Nested
    class ALogThatHasGoneBack {

        private final TrackingEventStream stream = store.openStream(null);

        @BeforeEach
        void readFive() {
            store.publish(events(STREAM, 1, 5));
            assertThat(take(stream, 5)).containsExactlyElementsOf(upTo(5));
        }

        @Test
        void endsItsStreams() throws InterruptedException {
            goBackTo(3);

            assertEnded();
        }

        @Test
        void endsItsStreamsAlsoWhenItIsAsLongAgain() throws InterruptedException {
            goBackTo(3);
            TestLog.engine(test.database.owner()).appendEvents(events(STREAM, 4, 2));

            assertEnded();
        }

        @Test
        void endsItsStreamsAlsoWhenItIsLongerThanBefore() throws InterruptedException {
            goBackTo(3);
            TestLog.engine(test.database.owner()).appendEvents(events(STREAM, 4, 40));

            assertEnded();
            try (TrackingEventStream anew = store.openStream(new GlobalSequenceTrackingToken(3))) {
                assertThat(next(anew)).isEqualTo(4);
                assertThat(take(anew, 39)).endsWith(43L);
            }
        }

        /** What this node writes on begins where the ring ends, before it, or behind what another node has written. */
        @ParameterizedTest
        @CsvSource({"4, 1, 1", "3, 0, 3", "3, 0, 20", "2, 9, 1"})
        void endsItsStreamsAsSoonAsThisNodeWritesOn(long back, int byOthers, int own) throws InterruptedException {
            StreamId other = StreamId.parse("default/other");
            PostgresEventStore quiet = PostgresEventStore.builder()
                    .storageEngine(test.engine)
                    .ring(10, 16 << 20)
                    .polling(new Tail.Polling(Duration.ofDays(1), Duration.ofDays(1)))
                    .build();
            stores.add(quiet);
            TrackingEventStream follower = quiet.openStream(new GlobalSequenceTrackingToken(4));
            assertThat(next(follower)).isEqualTo(5);
            goBackTo(back);
            if (byOthers > 0) {
                TestLog.engine(test.database.owner()).appendEvents(events(other, 1, byOthers));
            }
            test.engine.appendEvents(events(other, 1 + byOthers, own));

            await().untilAsserted(() ->
                    assertThatThrownBy(follower::hasNextAvailable).isInstanceOf(EventStoreException.class));
        }

        @Test
        void isReadFromItsTokenByAStreamThatIsOpenedThen() throws InterruptedException {
            goBackTo(3);
            assertEnded();
            try (TrackingEventStream anew = store.openStream(new GlobalSequenceTrackingToken(3))) {
                store.publish(event(STREAM, 4));
                assertThat(next(anew)).isEqualTo(4);
            }
        }

        private void assertEnded() {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThatThrownBy(stream::hasNextAvailable).isInstanceOf(EventStoreException.class));
        }

        private void goBackTo(long position) {
            test.database.asSuperuser("""
                    begin;
                    alter table event_log.event disable trigger all;
                    delete from event_log.event where position > %1$d;
                    alter table event_log.event enable always trigger event_refuses_update;
                    alter table event_log.event enable always trigger event_refuses_removal;
                    update event_log.head
                    set (position, hash, recorded_at) =
                      (select position, hash, recorded_at from event_log.event where position = %1$d);
                    commit
                    """.formatted(position));
        }
    }

    @Nested
    class AnotherNode {

        @Test
        void isSeenBeforeLong() throws InterruptedException {
            PostgresEventStorageEngine otherNode = TestLog.engine(test.database.application());
            try (TrackingEventStream stream = store.openStream(null)) {
                assertThat(stream.hasNextAvailable(400, TimeUnit.MILLISECONDS)).isFalse();
                long begin = System.nanoTime();
                otherNode.appendEvents(event(STREAM, 1));
                assertThat(next(stream)).isEqualTo(1);
                long idle = System.nanoTime();
                otherNode.appendEvents(event(STREAM, 2));
                assertThat(next(stream)).isEqualTo(2);
                long busy = System.nanoTime();
                logger.info(
                        "From another node's append to a reader: idle {} ms, busy {} ms",
                        (idle - begin) / 1e6,
                        (busy - idle) / 1e6);
                assertThat(Duration.ofNanos(busy - begin)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    @Nested
    class ADatabaseThatIsAway {

        @Test
        void onlyDelaysTheEvents() throws Exception {
            AtomicBoolean away = new AtomicBoolean();
            PostgresEventStore node = store(TestLog.engine(switched(test.database.application(), away)), 100);
            try (TrackingEventStream tailing = node.openStream(null)) {
                assertThat(tailing.hasNextAvailable()).isFalse();
                away.set(true);
                store.publish(events(STREAM, 1, 500));
                assertThat(tailing.hasNextAvailable(400, TimeUnit.MILLISECONDS)).isFalse();
                try (TrackingEventStream opened = node.openStream(null)) {
                    assertThat(opened.hasNextAvailable()).isFalse();
                    away.set(false);
                    assertThat(take(opened, 500)).containsExactlyElementsOf(upTo(500));
                }
                assertThat(take(tailing, 500)).containsExactlyElementsOf(upTo(500));
            }
        }

        @Test
        void mayBreakConnectionsAtAnyTime() throws Exception {
            PostgresEventStorageEngine otherNode = TestLog.engine(test.database.owner());
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                for (int version = 1; version <= 600; version++) {
                    otherNode.appendEvents(event(STREAM, version));
                    if (version % 60 == 0) {
                        test.database.asSuperuser("""
                                select pg_terminate_backend(pid)
                                from pg_stat_activity
                                where usename = 'log_application' and datname = current_database()
                                """);
                    }
                }
            });
            try (TrackingEventStream stream = store.openStream(null)) {
                assertThat(take(stream, 600)).containsExactlyElementsOf(upTo(600));
            }
            writer.get();
        }
    }

    @Nested
    class AStoreThatIsShutDown {

        @Test
        void leavesNoThreadAndNoStreamOpen() throws InterruptedException {
            List<TrackingEventStream> streams = new ArrayList<>();
            store.publish(events(STREAM, 1, 10));
            for (int i = 0; i < 10; i++) {
                TrackingEventStream stream = store.openStream(null);
                take(stream, 10);
                streams.add(stream);
            }
            assertThat(threads()).isLessThanOrEqualTo(3);
            store.shutDown();
            store.shutDown();

            assertThat(streams.getFirst().hasNextAvailable(1, TimeUnit.DAYS)).isFalse();
            assertThatThrownBy(() -> store.openStream(null)).isInstanceOf(IllegalStateException.class);
            await().until(() -> threads() == 0);
            store.publish(event(STREAM, 11));
        }

        private static long threads() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("event-log-tail")
                            || thread.getName().startsWith("event-log-fetch"))
                    .count();
        }
    }

    private PostgresEventStore store(PostgresEventStorageEngine engine, int ringEvents) {
        PostgresEventStore made = PostgresEventStore.builder()
                .storageEngine(engine)
                .ring(ringEvents, 16 << 20)
                .build();
        stores.add(made);
        return made;
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static List<Long> take(TrackingEventStream stream, int count) {
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            positions.add(next(stream));
        }
        return positions;
    }

    private static long next(TrackingEventStream stream) {
        try {
            return position(stream.nextAvailable().trackingToken());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long position(TrackingToken token) {
        return ((GlobalSequenceTrackingToken) token).getGlobalIndex();
    }

    private static DataSource switched(DataSource source, AtomicBoolean away) {
        return (DataSource) Proxy.newProxyInstance(
                EventStreamTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                    if (away.get()) {
                        throw new SQLException("away", "08001");
                    }
                    Connection connection = source.getConnection();
                    assertThat(method.getName()).isEqualTo("getConnection");
                    return connection;
                });
    }

    /** Notes what it handles. */
    static final class Seen {

        final List<Long> positions = new CopyOnWriteArrayList<>();
        volatile long lastNanos;

        @EventHandler
        void on(TestLog.Happened event, TrackingToken token, EventMessage<?> message) {
            lastNanos = System.nanoTime();
            positions.add(position(token));
        }
    }
}
