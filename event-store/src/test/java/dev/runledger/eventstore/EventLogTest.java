package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static dev.runledger.eventstore.TestLog.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.TestLog.Happened;
import dev.runledger.eventstore.TestLog.Noted;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final TestLog test = new TestLog();
    private final EventLog log = test.log;

    @AfterEach
    void close() {
        test.close();
    }

    @Nested
    class AnEmptyLog {

        @Test
        void hasAHeadAtTheStartOfTheChain() {
            Head head = log.head();

            assertThat(head.position()).isZero();
            assertThat(head.hash()).isEqualTo(Hash.of(new Chain().start(head.logId())));
            assertThat(log.readAll(0, 10)).isEqualTo(new Page(List.of(), null));
            assertThat(log.streamHead(STREAM)).isEmpty();
            assertThat(log.positionBefore(Instant.now())).isZero();
            assertThat(test.engine.createHeadToken()).isNull();
            assertThat(test.engine.createTailToken()).isNull();
        }
    }

    @Nested
    class APage {

        @Test
        void saysWhereToGoOnUnlessItReachedTheEnd() {
            test.engine.appendEvents(events(STREAM, 1, 5));

            assertThat(log.readAll(0, 2)).satisfies(page -> {
                assertThat(page.events()).extracting(StoredEvent::position).containsExactly(1L, 2L);
                assertThat(page.next()).isEqualTo(2);
            });
            assertThat(log.readAll(2, 3)).satisfies(page -> {
                assertThat(page.events()).extracting(StoredEvent::position).containsExactly(3L, 4L, 5L);
                assertThat(page.next()).isNull();
            });
            assertThat(log.readAll(5, 3)).isEqualTo(new Page(List.of(), null));
        }

        /** They take little room in the table, and all of it in memory. */
        @Test
        void endsBeforeTheLargestPayloadsFillTheMemory() {
            for (int version = 1; version <= 6; version++) {
                test.engine.appendEvents(event(STREAM, version, new Noted("x".repeat(4_000_000)), Map.of()));
            }

            assertThat(log.readAll(0, 100).events()).hasSize(3);
            assertThat(new LogExport(test.database.application())
                            .read("ns", 0, 6, 100)
                            .links())
                    .hasSize(3);
        }

        @Test
        void hasAtLeastOneEventAndAtMostTenThousand() {
            assertThatThrownBy(() -> log.readAll(0, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.readAll(0, 10_001)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void endsAtAboutEightMebibytes() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 30; version++) {
                events.add(event(STREAM, version, new Noted(incompressible(version, 700_000)), Map.of()));
            }
            test.engine.appendEvents(events);

            Page page = log.readAll(0, 1_000);
            assertThat(page.events().stream()
                            .mapToLong(e -> String.valueOf(e.payload()).length())
                            .sum())
                    .isBetween(8L << 20, (8L << 20) + (1L << 20));
            assertThat(page.next()).isEqualTo(page.events().size());
            assertThat(log.readNamespace("ns", 0, Long.MAX_VALUE, 1_000)).isEqualTo(page);
            assertThat(log.readStream(STREAM, 0, Long.MAX_VALUE, EventFilter.ALL, 1_000))
                    .isEqualTo(page);
            assertThat(test.engine
                            .readEvents(STREAM.aggregateIdentifier())
                            .asStream()
                            .count())
                    .isEqualTo(30);
            assertThat(test.engine.readEvents(null, false).count()).isEqualTo(30);
        }

        @Test
        void isBoundByWhatCompressedPayloadsUnpackTo() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 30; version++) {
                events.add(event(STREAM, version, new Noted("x".repeat(700_000)), Map.of()));
            }
            test.engine.appendEvents(events);

            assertThat(log.readAll(0, 1_000).events()).hasSizeBetween(8, 13);
            assertThat(test.engine.readEvents(null, false).count()).isEqualTo(30);
        }

        @Test
        void endsAtAboutEightMebibytesOfShortEventsToo() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 6_000; version++) {
                events.add(event(STREAM, version, new Noted(incompressible(version, 1_800)), Map.of()));
            }
            test.engine.appendEvents(events);

            Page page = log.readAll(0, EventLog.MAX_PAGE_EVENTS);
            assertThat(page.events()).hasSizeBetween(4_000, 4_700);
            assertThat(page.next()).isEqualTo(page.events().size());
            assertThat(log.readNamespace("ns", 0, Long.MAX_VALUE, EventLog.MAX_PAGE_EVENTS))
                    .isEqualTo(page);
            assertThat(log.readAll(page.events().size(), EventLog.MAX_PAGE_EVENTS)
                            .events())
                    .hasSize(6_000 - page.events().size());
        }

        @Test
        void isWholeWhereALongEventStandsAmongShortOnes() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 60; version++) {
                int length = version % 25 == 0 ? 300_000 : 10;
                events.add(event(STREAM, version, new Noted(incompressible(version, length)), Map.of()));
            }
            test.engine.appendEvents(events);

            for (int round = 0; round < 40; round++) {
                Page page = log.readAll(0, 100);
                assertThat(page.events())
                        .hasSize(60)
                        .allSatisfy(event -> assertThat(event.payload())
                                .isNotNull()
                                .hasSizeGreaterThan(event.version() % 25 == 0 ? 300_000 : 10));
                assertThat(log.readStream(STREAM, 0, Long.MAX_VALUE, EventFilter.ALL, 100))
                        .isEqualTo(page);
            }
        }

        private static String incompressible(int seed, int length) {
            return new Random(seed)
                    .ints(length, 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }

    @Nested
    class ANamespace {

        @Test
        void hasItsOwnEventsInTheOrderOfTheLog() {
            StreamId other = new StreamId("other", "execution/1");
            test.engine.appendEvents(events(STREAM, 1, 2));
            test.engine.appendEvents(events(other, 1, 2));
            test.engine.appendEvents(events(STREAM, 3, 2));

            assertThat(positions(log.readNamespace("ns", 0, Long.MAX_VALUE, 10)))
                    .containsExactly(1L, 2L, 5L, 6L);
            assertThat(positions(log.readNamespace("ns", 1, 5, 10))).containsExactly(2L, 5L);
            assertThat(log.readNamespace("ns", 0, 6, 3).next()).isEqualTo(5);
            assertThat(log.readNamespace("ns", 5, 6, 3).next()).isNull();
            assertThat(positions(log.readNamespace("none", 0, Long.MAX_VALUE, 10)))
                    .isEmpty();
        }
    }

    @Nested
    class AStream {

        @Test
        void isReadBetweenVersions() {
            test.engine.appendEvents(events(STREAM, 1, 10));

            assertThat(versions(log.readStream(STREAM, 3, 7, EventFilter.ALL, 10)))
                    .containsExactly(4L, 5L, 6L, 7L);
            assertThat(log.readStream(STREAM, 3, 7, EventFilter.ALL, 2).next()).isEqualTo(5);
        }

        @Test
        void isReadAsShortBetweenVersionsUnlessAnEventIsLong() {
            String some = "x".repeat(EventLog.SHORT_BYTES / 2);
            test.engine.appendEvents(
                    event(STREAM, 1, new Happened("ä", "x"), Map.of()),
                    event(STREAM, 2, new Noted(some), Map.of()),
                    event(STREAM, 3, new Noted(some + some), Map.of()),
                    event(STREAM, 4, new Noted("after"), Map.of()));

            assertThat(shown(0, 2)).contains(stored(0, 2));
            assertThat(shown(3, 4)).contains(stored(3, 4));
            assertThat(shown(3, 9)).contains(stored(3, 4));
            assertThat(shown(0, 3)).isEmpty();
            assertThat(shown(2, 3)).isEmpty();
            assertThatThrownBy(() -> log.readShort(STREAM, 2, 2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.readShort(STREAM, 0, 10_001)).isInstanceOf(IllegalArgumentException.class);
        }

        private Optional<List<List<?>>> shown(long after, long upTo) {
            return log.readShort(STREAM, after, upTo)
                    .map(events -> events.stream()
                            .<List<?>>map(event -> List.of(
                                    event.position(),
                                    event.version(),
                                    event.type(),
                                    event.occurredAt(),
                                    event.recordedAt(),
                                    new String(Objects.requireNonNull(event.payload()), StandardCharsets.UTF_8)))
                            .toList());
        }

        private List<List<?>> stored(long after, long upTo) {
            return log.readStream(STREAM, after, upTo, EventFilter.ALL, 100).events().stream()
                    .<List<?>>map(event -> List.of(
                            event.position(),
                            event.version(),
                            event.type(),
                            event.occurredAt(),
                            event.recordedAt(),
                            Objects.requireNonNull(event.payload())))
                    .toList();
        }

        @Test
        void isFilteredByTypeAndByTextsOfThePayload() {
            test.engine.appendEvents(
                    event(STREAM, 1, new Happened("a", "x"), Map.of()),
                    event(STREAM, 2, new Noted("x"), Map.of()),
                    event(STREAM, 3, new Happened("b", "x"), Map.of()),
                    event(STREAM, 4, new Happened("a", "y"), Map.of()));

            assertThat(found(Set.of("Happened"), Map.of())).containsExactly(1L, 3L, 4L);
            assertThat(found(Set.of("Happened", "Noted"), Map.of())).containsExactly(1L, 2L, 3L, 4L);
            assertThat(found(Set.of(), Map.of("stepId", "a"))).containsExactly(1L, 4L);
            assertThat(found(Set.of(), Map.of("stepId", "a", "text", "y"))).containsExactly(4L);
            assertThat(found(Set.of("Noted"), Map.of("text", "x"))).containsExactly(2L);
            assertThat(found(Set.of("None"), Map.of())).isEmpty();
        }

        @Test
        void hasNoStepToFindInAPayloadThatIsNoObject() {
            test.engine.appendEvents(event(STREAM, 1, "text", Map.of()));

            assertThat(found(Set.of(), Map.of("stepId", "text"))).isEmpty();
        }

        @Test
        void isSearchedInBoundedPartsWhenHitsAreRare() {
            List<DomainEventMessage<?>> events = new ArrayList<>(events(STREAM, 1, 25_000));
            events.set(23_456, event(STREAM, 23_457, new Noted("needle"), Map.of()));
            test.engine.appendEvents(events);
            EventFilter rare = new EventFilter(Set.of("Noted"), Map.of("text", "needle"));

            Page first = log.readStream(STREAM, 0, Long.MAX_VALUE, rare, 10);
            assertThat(first).isEqualTo(new Page(List.of(), 10_000L));
            Page second = log.readStream(STREAM, 10_000, Long.MAX_VALUE, rare, 10);
            assertThat(second).isEqualTo(new Page(List.of(), 20_000L));
            Page third = log.readStream(STREAM, 20_000, Long.MAX_VALUE, rare, 10);
            assertThat(versions(third)).containsExactly(23_457L);
            assertThat(third.next()).isNull();
        }

        @Test
        void goesOnAfterTheLastHitOfAFullPage() {
            test.engine.appendEvents(events(STREAM, 1, 100));
            EventFilter tenth = new EventFilter(Set.of(), Map.of("stepId", "step-0"));

            Page page = log.readStream(STREAM, 0, Long.MAX_VALUE, tenth, 4);
            assertThat(versions(page)).containsExactly(10L, 20L, 30L, 40L);
            assertThat(page.next()).isEqualTo(40);
        }

        private List<Long> found(Set<String> types, Map<String, String> payloadTexts) {
            return versions(log.readStream(STREAM, 0, Long.MAX_VALUE, new EventFilter(types, payloadTexts), 10));
        }
    }

    @Nested
    class APointInTime {

        @Test
        void isFoundByTheOrderOfRecording() {
            for (int version = 1; version <= 40; version++) {
                test.engine.appendEvents(event(STREAM, version));
            }
            List<StoredEvent> stored = log.readAll(0, 100).events();

            for (StoredEvent event : stored) {
                long before = stored.stream()
                        .filter(other -> other.recordedAt().isBefore(event.recordedAt()))
                        .count();
                assertThat(log.positionBefore(event.recordedAt())).isEqualTo(before);
            }
            assertThat(log.positionBefore(Instant.EPOCH)).isZero();
            assertThat(log.positionBefore(stored.getLast().recordedAt().plusSeconds(1)))
                    .isEqualTo(40);
        }

        @Test
        void includesWhatWasRecordedJustThen() {
            StreamId other = new StreamId("default", "other");
            for (int version = 1; version <= 13; version++) {
                test.engine.appendEvents(event(STREAM, version));
                test.engine.appendEvents(events(other, 2 * version - 1, 2));
            }
            List<StoredEvent> stored = log.readAll(0, 100).events();

            for (StoredEvent event : stored) {
                Instant then = event.recordedAt();
                assertThat(log.positionAt(then))
                        .isEqualTo(stored.stream()
                                .filter(known -> !known.recordedAt().isAfter(then))
                                .count());
                assertThat(log.versionAt(other, then))
                        .isEqualTo(stored.stream()
                                .filter(known -> known.streamId().equals(other)
                                        && !known.recordedAt().isAfter(then))
                                .count());
            }
            assertThat(log.versionAt(STREAM, Instant.EPOCH)).isZero();
            assertThat(log.versionAt(new StreamId("default", "none"), Instant.now()))
                    .isZero();
            assertThat(log.versionAt(STREAM, Instant.parse("9999-12-31T23:59:59.999999Z")))
                    .isEqualTo(13);
            assertThat(log.positionAt(Instant.parse("9999-12-31T23:59:59.999999Z")))
                    .isEqualTo(39);
        }
    }

    @Nested
    class AxonsReading {

        @Test
        void byPositionGoesOnWhenAskedAgain() {
            test.engine.appendEvents(events(STREAM, 1, 2_500));
            var tracked = test.engine.readEvents(null, true).iterator();
            List<Long> positions = new ArrayList<>();
            while (tracked.hasNext()) {
                positions.add(position(tracked.next()));
            }

            assertThat(positions)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 2_500).boxed().toList());
        }

        @Test
        void byPositionStartsAfterAToken() {
            test.engine.appendEvents(events(STREAM, 1, 3));
            TrackedEventMessage<?> second =
                    test.engine.readEvents(null, false).skip(1).findFirst().orElseThrow();

            assertThat(test.engine.readEvents(second.trackingToken(), false)).hasSize(1);
        }

        @Test
        void byStreamReadsEveryPage() {
            test.engine.appendEvents(events(STREAM, 1, 2_500));

            assertThat(test.engine
                            .readEvents(STREAM.aggregateIdentifier(), 1)
                            .asStream()
                            .map(DomainEventMessage::getSequenceNumber))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 2_499).boxed().toList());
            assertThat(test.engine.lastSequenceNumberFor(STREAM.aggregateIdentifier()))
                    .contains(2_499L);
        }

        @Test
        void givesATypeOfItsOwnForAnErasedPayload() {
            test.engine.appendEvents(event(STREAM, 1));
            test.database.asSuperuser("alter table event_log.event disable trigger all; "
                    + "update event_log.event set payload = null, payload_salt = null");

            assertThat(log.readAll(0, 1).events().getFirst().erased()).isTrue();
            assertThat(test.engine
                            .readEvents(STREAM.aggregateIdentifier())
                            .next()
                            .getPayload())
                    .isEqualTo(new Erased("Happened", 1));
        }

        private static long position(TrackedEventMessage<?> message) {
            return message.trackingToken().position().orElseThrow();
        }
    }

    private static List<Long> positions(Page page) {
        return page.events().stream().map(StoredEvent::position).toList();
    }

    private static List<Long> versions(Page page) {
        return page.events().stream().map(StoredEvent::version).toList();
    }
}
