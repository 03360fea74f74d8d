package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.OCCURRED;
import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static dev.runledger.eventstore.TestLog.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.runledger.eventstore.TestLog.Happened;
import dev.runledger.eventstore.TestLog.Noted;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class AppendTest {

    private final TestLog test = new TestLog();
    private final PostgresEventStorageEngine engine = test.engine;
    private final EventLog log = test.log;

    @AfterEach
    void close() {
        test.close();
    }

    @Nested
    class AnAppend {

        @Test
        void getsTheNextPositionsOfTheLogAndVersionsOfItsStream() {
            StreamId other = new StreamId("other", "execution/1");
            engine.appendEvents(events(STREAM, 1, 2));
            engine.appendEvents(event(other, 1));
            engine.appendEvents(events(STREAM, 3, 2));

            assertThat(log.readAll(0, 100).events())
                    .extracting(StoredEvent::position, StoredEvent::streamId, StoredEvent::version)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(1L, STREAM, 1L),
                            org.assertj.core.groups.Tuple.tuple(2L, STREAM, 2L),
                            org.assertj.core.groups.Tuple.tuple(3L, other, 1L),
                            org.assertj.core.groups.Tuple.tuple(4L, STREAM, 3L),
                            org.assertj.core.groups.Tuple.tuple(5L, STREAM, 4L));
            assertThat(log.streamHead(STREAM)).contains(new StreamHead(4, 5));
            assertThat(log.head().position()).isEqualTo(5);
        }

        @Test
        void isStoredWithTypeNameRevisionAndExactTexts() {
            DomainEventMessage<?> event = event(STREAM, 1, new Noted("größe \"q\" \\ 𝄞"), Map.of("actor", "w-1"));
            engine.appendEvents(event);

            StoredEvent stored = log.readAll(0, 1).events().getFirst();
            assertThat(stored.eventId()).hasToString(event.getIdentifier());
            assertThat(stored.type()).isEqualTo("Noted");
            assertThat(stored.revision()).isEqualTo(2);
            assertThat(stored.payload()).isEqualTo("{\"text\":\"größe \\\"q\\\" \\\\ 𝄞\"}");
            assertThat(stored.metadata()).isEqualTo("{\"actor\":\"w-1\"}");
            assertThat(stored.occurredAt()).isEqualTo(OCCURRED);
            assertThat(engine.readEvents(STREAM.aggregateIdentifier()).next().getPayload())
                    .isEqualTo(event.getPayload());
        }

        @Test
        void mayTouchSeveralStreams() {
            StreamId other = new StreamId("ns", "execution/2");
            engine.appendEvents(List.of(event(STREAM, 1), event(other, 1), event(STREAM, 2)));

            assertThat(log.streamHead(STREAM)).contains(new StreamHead(2, 3));
            assertThat(log.streamHead(other)).contains(new StreamHead(1, 2));
        }

        @Test
        void ofNothingDoesNothing() {
            engine.appendEvents(List.of());

            assertThat(log.head().position()).isZero();
        }

        @Test
        void leavesAReceiptInItsUnitOfWork() {
            engine.appendEvents(event(new StreamId("ns", "execution/0"), 1));
            EmbeddedEventStore store =
                    EmbeddedEventStore.builder().storageEngine(engine).build();
            DefaultUnitOfWork<?> unitOfWork = DefaultUnitOfWork.startAndGet(new GenericEventMessage<>("cause"));
            store.publish(events(STREAM, 1, 3));
            assertThat(AppendReceipt.of(unitOfWork)).isEmpty();
            unitOfWork.commit();
            store.shutDown();

            assertThat(AppendReceipt.of(unitOfWork)).contains(new AppendReceipt(STREAM, 3, 4));
            assertThat(AppendReceipt.of(unitOfWork, STREAM)).contains(new AppendReceipt(STREAM, 3, 4));
            assertThat(AppendReceipt.of(unitOfWork, new StreamId("ns", "none"))).isEmpty();
        }

        @Test
        void takesAHundredThousandSmallEventsAtOnce() {
            engine.appendEvents(events(STREAM, 1, 100_000));

            assertThat(log.streamHead(STREAM)).contains(new StreamHead(100_000, 100_000));
            assertThat(test.sql
                            .sql("select count(distinct recorded_at) from event_log.event")
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }

    @Nested
    class AStaleAppend {

        @Test
        void isRefusedAndWritesNothing() {
            engine.appendEvents(events(STREAM, 1, 3));
            Head before = log.head();

            assertThatExceptionOfType(ConcurrencyException.class)
                    .isThrownBy(() -> engine.appendEvents(events(STREAM, 3, 2)))
                    .havingCause()
                    .asInstanceOf(type(VersionConflict.class))
                    .satisfies(conflict -> {
                        assertThat(conflict.stream()).isEqualTo(STREAM);
                        assertThat(conflict.expectedVersion()).isEqualTo(2);
                        assertThat(conflict.actualVersion()).isEqualTo(3);
                    });
            assertThat(log.head()).isEqualTo(before);
            assertThat(test.count()).isEqualTo(3);

            engine.appendEvents(event(STREAM, 4));
            assertThat(log.head().position()).isEqualTo(4);
        }

        @Test
        void ofANewStreamSaysThatItExists() {
            engine.appendEvents(event(STREAM, 1));

            assertThatThrownBy(() -> engine.appendEvents(event(STREAM, 1)))
                    .isInstanceOf(AggregateStreamCreationException.class);
        }

        @Test
        void isRefusedWhenItLeavesAHole() {
            assertThatThrownBy(() -> engine.appendEvents(event(STREAM, 2))).isInstanceOf(ConcurrencyException.class);
            assertThatThrownBy(() -> engine.appendEvents(event(STREAM, 1), event(STREAM, 3)))
                    .isInstanceOf(ConcurrencyException.class);
            assertThat(log.head().position()).isZero();
        }

        @Test
        void ofOneStreamRefusesTheOthersWithIt() {
            StreamId other = new StreamId("ns", "execution/2");

            assertThatThrownBy(() -> engine.appendEvents(event(other, 1), event(STREAM, 5)))
                    .isInstanceOf(ConcurrencyException.class);
            assertThat(log.streamHead(other)).isEmpty();
        }
    }

    @Nested
    class ConcurrentAppends {

        private static final int WRITERS = 8;
        private static final int STREAMS = 4;
        private static final int ATTEMPTS = 100;

        /** Every writer appends to every stream at the version that it believes is next. */
        @Test
        void leaveNoGapAndOneWinnerAVersion() throws Exception {
            List<Future<Integer>> wins = new ArrayList<>();
            try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
                for (int writer = 0; writer < WRITERS; writer++) {
                    wins.add(writers.submit(this::write));
                }
            }
            int appended = 0;
            for (Future<Integer> win : wins) {
                appended += win.get();
            }

            List<StoredEvent> stored = log.readAll(0, 10_000).events();
            assertThat(stored)
                    .extracting(StoredEvent::position)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, appended).boxed().toList());
            for (int i = 0; i < STREAMS; i++) {
                StreamId stream = stream(i);
                List<Long> versions = stored.stream()
                        .filter(event -> event.streamId().equals(stream))
                        .map(StoredEvent::version)
                        .toList();
                assertThat(versions)
                        .isNotEmpty()
                        .containsExactlyElementsOf(LongStream.rangeClosed(1, versions.size())
                                .boxed()
                                .toList());
            }
            assertThat(log.head().hash()).isEqualTo(stored.getLast().hash());
            assertThat(stored).extracting(StoredEvent::recordedAt).isSorted();
        }

        private int write() {
            int won = 0;
            for (int i = 0; i < ATTEMPTS; i++) {
                StreamId stream = stream(i % STREAMS);
                long version = log.streamHead(stream).map(StreamHead::version).orElse(0L) + 1;
                try {
                    engine.appendEvents(event(stream, version));
                    won++;
                } catch (ConcurrencyException | AggregateStreamCreationException e) {
                    // another writer was first
                }
            }
            return won;
        }

        private static StreamId stream(int number) {
            return new StreamId("ns", "execution/" + number);
        }
    }

    @Nested
    class TheTimeOfRecording {

        @Test
        void neverGoesBackWhenTheClockDoes() {
            engine.appendEvents(event(STREAM, 1));
            Instant future = Instant.parse("2100-01-01T00:00:00.000001Z");
            test.sql
                    .sql("update event_log.head set recorded_at = :future")
                    .param("future", future.atOffset(java.time.ZoneOffset.UTC))
                    .update();
            engine.appendEvents(event(STREAM, 2));
            engine.appendEvents(event(STREAM, 3));

            List<StoredEvent> stored = log.readAll(0, 10).events();
            assertThat(stored.get(0).recordedAt()).isBefore(future);
            assertThat(stored.get(1).recordedAt()).isEqualTo(future);
            assertThat(stored.get(2).recordedAt()).isEqualTo(future);
            assertThat(log.head().recordedAt()).isEqualTo(future);
        }

        @Test
        void isToldToReadersByPosition() {
            engine.appendEvents(event(STREAM, 1, new Noted("a"), Map.of()));
            engine.appendEvents(event(STREAM, 2, new Noted("b"), Map.of("actor", "w-1")));

            List<StoredEvent> stored = log.readAll(0, 10).events();
            List<? extends TrackedEventMessage<?>> tracked =
                    engine.readEvents(null, false).toList();
            assertThat(tracked.get(0).getMetaData())
                    .isEqualTo(MetaData.with(
                            "recordedAt", stored.get(0).recordedAt().toString()));
            assertThat(tracked.get(1).getMetaData())
                    .isEqualTo(MetaData.with(
                                    "recordedAt", stored.get(1).recordedAt().toString())
                            .and("actor", "w-1"));
        }
    }

    @Nested
    class TheTimeOfOccurrence {

        @Test
        void isTheMessagesTimestampInWholeMicroseconds() {
            engine.appendEvents(occurred(Instant.parse("2026-01-01T00:00:00.123456789Z"), Map.of()));

            assertThat(stored().occurredAt()).isEqualTo(OCCURRED);
        }

        @Test
        void isTakenFromTheMetadataAndNotKeptThere() {
            engine.appendEvents(occurred(
                    Instant.EPOCH,
                    Map.of("occurredAt", Instant.parse("2026-01-01T00:00:00.123456789Z"), "actor", "w-1")));

            assertThat(stored().occurredAt()).isEqualTo(OCCURRED);
            assertThat(stored().metadata()).isEqualTo("{\"actor\":\"w-1\"}");
            assertThat(engine.readEvents(STREAM.aggregateIdentifier()).next().getTimestamp())
                    .isEqualTo(OCCURRED);
        }

        @Test
        void mayBeStatedAsText() {
            engine.appendEvents(occurred(Instant.EPOCH, Map.of("occurredAt", "2026-01-01T00:00:00.123456Z")));

            assertThat(stored().occurredAt()).isEqualTo(OCCURRED);
            assertThat(stored().metadata()).isEqualTo("{}");
        }

        @Test
        void mayLieBefore1970() {
            engine.appendEvents(occurred(Instant.parse("1969-12-31T23:59:59.999999Z"), Map.of()));

            assertThat(stored().occurredAt()).isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
        }

        private StoredEvent stored() {
            return log.readAll(0, 1).events().getFirst();
        }

        private static DomainEventMessage<?> occurred(Instant timestamp, Map<String, ?> metadata) {
            return new GenericDomainEventMessage<>(
                    "execution",
                    STREAM.aggregateIdentifier(),
                    0,
                    new Noted("a"),
                    metadata,
                    UUID.randomUUID().toString(),
                    timestamp);
        }
    }

    @Nested
    class AnAppendThatIsTooLarge {

        @Test
        void isRefusedByThePayload() {
            String fits = "x".repeat((4 << 20) - "{\"text\":\"\"}".length());
            engine.appendEvents(event(STREAM, 1, new Noted(fits), Map.of()));

            refused(event(STREAM, 2, new Noted(fits + "x"), Map.of()), "payload", "4194304", "4194305");
        }

        @Test
        void isRefusedByTheMetadata() {
            refused(event(STREAM, 1, new Noted("a"), Map.of("k", "x".repeat(64 << 10))), "metadata", "65536");
        }

        @Test
        void isRefusedByTheStreamsName() {
            DomainEventMessage<?> event =
                    new GenericDomainEventMessage<>("execution", "ns/" + "ä".repeat(161), 0, new Noted("a"), Map.of());

            refused(event, "320 bytes", "322");
        }

        @Test
        void isRefusedByTheNumberOfEvents() {
            DomainEventMessage<?> one = event(STREAM, 1);

            assertThatThrownBy(() -> engine.appendEvents(java.util.Collections.nCopies(200_001, one)))
                    .isInstanceOf(AppendRefusedException.class)
                    .hasMessageContaining("200,000");
        }

        @Test
        void isRefusedByAllItsBytes() {
            Noted large = new Noted("x".repeat(1_000_000));
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 68; version++) {
                events.add(event(STREAM, version, large, Map.of()));
            }

            assertThatThrownBy(() -> engine.appendEvents(events))
                    .isInstanceOf(AppendRefusedException.class)
                    .hasMessageContaining("64 MiB");
            engine.appendEvents(events.subList(0, 60));
            assertThat(log.head().position()).isEqualTo(60);
        }
    }

    @Nested
    class AnAppendThatCannotBeKept {

        @Test
        void isRefusedForANul() {
            refused(event(STREAM, 1, new Noted("a\0b"), Map.of()), "NUL");
            refused(event(STREAM, 1, new Noted("a"), Map.of("k", "\0")), "NUL");
        }

        @Test
        void isRefusedForALoneSurrogate() {
            refused(event(STREAM, 1, new Noted("a\uD834"), Map.of()), "surrogate");
        }

        @Test
        void isRefusedForAnEventIdThatIsNoUuid() {
            refused(
                    new GenericDomainEventMessage<>(
                            "execution",
                            STREAM.aggregateIdentifier(),
                            0,
                            new Noted("a"),
                            Map.of(),
                            "1-1-1-1-1",
                            OCCURRED),
                    "UUID");
        }

        @Test
        void isRefusedForATimeOutsideOfFourDigitYears() {
            refused(event(STREAM, 1, new Noted("a"), Map.of("occurredAt", Instant.MAX)), "9999");
            refused(event(STREAM, 1, new Noted("a"), Map.of("occurredAt", "yesterday")), "occurredAt");
        }
    }

    @Nested
    class ADatabaseThatIsAway {

        @Test
        void isToldFromAFault() throws SQLException {
            PGSimpleDataSource nowhere = new PGSimpleDataSource();
            nowhere.setURL("jdbc:postgresql://localhost:1/none");

            assertThatExceptionOfType(LogUnavailableException.class)
                    .isThrownBy(() -> TestLog.engine(nowhere).appendEvents(event(STREAM, 1)))
                    .satisfies(e -> assertThat(e.outcomeUnknown()).isFalse());
            assertThatThrownBy(() -> new EventLog(nowhere).head()).isInstanceOf(LogUnavailableException.class);
        }
    }

    private void refused(DomainEventMessage<?> event, String... parts) {
        assertThatThrownBy(() -> engine.appendEvents(event))
                .isInstanceOf(AppendRefusedException.class)
                .hasMessageContainingAll(parts);
    }

    @Nested
    class ASnapshot {

        @Test
        void isReplacedByANewerOneAndReadByTheCodeThatWroteIt() {
            engine.storeSnapshot(event(STREAM, 3, new Happened("a", "three"), Map.of()));
            engine.storeSnapshot(event(STREAM, 5, new Happened("a", "five"), Map.of()));
            PostgresEventStorageEngine otherCode = PostgresEventStorageEngine.builder()
                    .dataSource(test.database.application())
                    .eventSerializer(TestLog.serializer())
                    .snapshotSerializer(TestLog.serializer())
                    .codeVersion("2")
                    .build();

            assertThat(engine.readSnapshot(STREAM.aggregateIdentifier())).hasValueSatisfying(snapshot -> {
                assertThat(snapshot.getSequenceNumber()).isEqualTo(4);
                assertThat(snapshot.getPayload()).isEqualTo(new Happened("a", "five"));
            });
            assertThat(otherCode.readSnapshot(STREAM.aggregateIdentifier())).isEmpty();
            assertThat(test.sql.sql("delete from event_log.snapshot").update()).isEqualTo(1);
        }
    }
}
