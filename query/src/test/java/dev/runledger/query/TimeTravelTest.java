package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.ReadSide.Said;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.PastExecutions;
import dev.runledger.query.past.PastMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Histories that are folded in parts, beside their events folded one by one. */
class TimeTravelTest {

    private static final long SEED = 20_260_101;
    private static ReadSide readSide;

    @BeforeAll
    static void start() {
        readSide = ReadSide.fresh();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private static List<StoredEvent> events(ExecutionId id) {
        var events = new ArrayList<StoredEvent>();
        var stream = new StreamId(id.namespace(), id.stream());
        for (Long from = 0L; from != null; ) {
            var page = readSide.bean(EventLog.class).readStream(stream, from, Long.MAX_VALUE, EventFilter.ALL, 10_000);
            events.addAll(page.events());
            from = page.next();
        }
        return events;
    }

    private static @Nullable ExecutionView folded(
            ExecutionId id, List<StoredEvent> events, Predicate<StoredEvent> which) {
        ExecutionView view = null;
        for (var event : events) {
            if (which.test(event)) {
                view = ExecutionView.evolve(
                        view,
                        new RecordedEvent(
                                id,
                                event.version(),
                                event.position(),
                                event.occurredAt(),
                                event.recordedAt(),
                                EventJson.mapper()
                                        .readValue(event.payload(), ExecutionEventTypes.classOf(event.type()))));
            }
        }
        return view;
    }

    @Nested
    class ALongHistory {

        private static final int LENGTH = 4_321;

        @Test
        void isFoldedAsAnyOther() {
            var any = new AnyEvents(SEED + 1);
            var id = new ExecutionId("default", any.id());
            var said = new ArrayList<Said>();
            said.add(any.first(id, List.of()));
            for (var i = 1; i < LENGTH; i++) {
                said.add(any.next(id));
            }
            readSide.append(said);
            var events = events(id);
            var past = readSide.bean(PastExecutions.class);
            var random = new Random(SEED);
            var versions = new ArrayList<>(List.of(4_321L, 1L, 999L, 1_000L, 1_001L, 4_000L, 3_999L, 2_000L));
            random.longs(20, 1, LENGTH + 1).forEach(versions::add);
            for (var version : versions) {
                var then = past.at(id, new Moment.Version(version));
                assertThat(then.view())
                        .as("version " + version)
                        .isEqualTo(folded(id, events, event -> event.version() <= version));
                assertThat(then.asOf())
                        .isEqualTo(AsOf.ofExecution(
                                version,
                                events.get((int) (version - 1)).position(),
                                events.get((int) (version - 1)).recordedAt()));
            }
            random.ints(10, 0, LENGTH).forEach(index -> {
                var time = events.get(index).occurredAt();
                if (time.isBefore(events.getFirst().occurredAt())) {
                    assertThatThrownBy(() -> past.at(id, new Moment.Occurred(time)))
                            .isInstanceOf(QueryProblem.class)
                            .hasMessageContaining("404");
                    return;
                }
                assertThat(past.at(id, new Moment.Occurred(time)).view())
                        .as("occurred by " + time)
                        .isEqualTo(
                                folded(id, events, event -> !event.occurredAt().isAfter(time)));
            });
        }

        @Test
        void whoseEventsOccurredInOrderIsFoldedAsAnyOtherByTheExecutorsClocks() {
            var any = new AnyEvents(SEED + 2);
            var id = new ExecutionId("default", any.id());
            var said = new ArrayList<Said>();
            var start = Instant.parse("2026-02-01T00:00:00Z");
            said.add(new Said(id, start, any.first(id, List.of()).event()));
            for (var i = 1; i < LENGTH; i++) {
                said.add(new Said(id, start.plusSeconds(i), any.next(id).event()));
            }
            readSide.append(said);
            var events = events(id);
            var past = readSide.bean(PastExecutions.class);
            for (var seconds : List.of(0, 1, 998, 999, 1_000, 2_500, 3_999, 4_000, 4_320, 9_999)) {
                var time = start.plusSeconds(seconds);
                assertThat(past.at(id, new Moment.Occurred(time)).view())
                        .as("after " + seconds + " s")
                        .isEqualTo(
                                folded(id, events, event -> !event.occurredAt().isAfter(time)));
            }
        }

        @Test
        void isFoldedToItsEndWhereAReadingGrowsTooLongWithTheLastEventOfItsPage() {
            var id = new ExecutionId("default", new AnyEvents(SEED + 4).id());
            var start = Instant.parse("2026-02-01T00:00:00Z");
            var said = new ArrayList<Said>();
            said.add(new Said(id, start, new ExecutionStarted(ExecutionDetails.NONE, null)));
            // Eight megabytes up to version 999, and more than a reading returns with version 1,000.
            for (var version = 2; version <= 1_500; version++) {
                said.add(new Said(
                        id,
                        start,
                        new CheckpointRecorded(
                                "c" + version,
                                null,
                                null,
                                Json.of(version <= 9 || version == 1_000 ? noise(version, 1_000_000) : "{}"))));
            }
            said.forEach(one -> readSide.append(List.of(one)));
            var past = readSide.bean(PastExecutions.class);
            for (var version : List.of(1_500L, 1_001L, 1_000L, 999L)) {
                var view = past.at(id, new Moment.Version(version)).view();
                assertThat(view.header().version()).isEqualTo(version);
                assertThat(view.checkpoints()).hasSize((int) (version - 1));
            }
        }

        /** A JSON text of so many characters, which cannot be compressed. */
        private static String noise(long seed, int length) {
            var text = new StringBuilder(length).append('"');
            new Random(seed).ints(length - 2, 'A', 'A' + 26).forEach(text::appendCodePoint);
            return text.append('"').toString();
        }

        @Test
        void thatTakesTooLongIsFoldedFurtherEachTimeSomebodyAsks() {
            var any = new AnyEvents(SEED + 3);
            var id = new ExecutionId("default", any.id());
            var said = new ArrayList<Said>();
            said.add(any.first(id, List.of()));
            for (var i = 1; i < LENGTH; i++) {
                said.add(any.next(id));
            }
            readSide.append(said);
            var hasty = new PastExecutions(
                    readSide.bean(EventLog.class), readSide.bean(Reads.class), readSide.bean(PastMemory.class), 10, 0);
            for (var page = 0; page < 4; page++) {
                assertThatThrownBy(() -> hasty.at(id, new Moment.Version(LENGTH)))
                        .isInstanceOfSatisfying(QueryProblem.class, problem -> {
                            assertThat(problem.getStatusCode().value()).isEqualTo(503);
                            assertThat(problem.getHeaders().getFirst("Retry-After"))
                                    .isEqualTo("1");
                        });
            }
            assertThat(hasty.at(id, new Moment.Version(LENGTH)).view().header().version())
                    .isEqualTo(LENGTH);
        }
    }
}
