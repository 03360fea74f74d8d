package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.EventLog;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.PastExecutions;
import dev.runledger.query.past.PastMemory;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Histories with much in them, where there is little memory for them. */
class PastMemoryTest {

    private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
    private static final long LITTLE = 24L << 20;
    private static final Random RANDOM = new Random(1);

    private static ReadSide readSide;

    @BeforeAll
    static void start() {
        readSide = ReadSide.fresh();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private static ExecutionId begun() {
        var id = new ExecutionId("default", new UUID(RANDOM.nextLong() & ~0xF000L | 0x4000L, Long.MIN_VALUE));
        readSide.append(id, T, new ExecutionStarted(ExecutionDetails.NONE, null));
        return id;
    }

    private static String path(ExecutionId id) {
        return "/api/v1/executions/" + id.id();
    }

    /** About so many bytes that cannot be compressed. */
    private static Json noise(int length) {
        var text = new StringBuilder(length).append('"');
        RANDOM.ints(length, 'A', 'A' + 26).forEach(text::appendCodePoint);
        return Json.of(text.append('"').toString());
    }

    private static void checkpoints(ExecutionId id, Instant at, int number) {
        for (var i = 0; i < number; i++) {
            ExecutionEvent checkpoint =
                    new CheckpointRecorded(UUID.randomUUID().toString(), null, null, noise(900_000));
            readSide.append(id, at, checkpoint);
        }
    }

    /** Attempts of one step, each with an output in place of the one before. */
    private static ExecutionId replacing(int outputs) {
        var id = begun();
        for (var attempt = 1; attempt <= outputs; attempt++) {
            readSide.append(
                    id,
                    T,
                    new StepStarted("a", 1, attempt, null, StepDetails.NONE),
                    new StepCompleted("a", 1, attempt, noise(900_000)));
        }
        return id;
    }

    private static PastExecutions past(PastMemory memory, int longestSeconds) {
        return new PastExecutions(
                readSide.bean(EventLog.class), readSide.bean(Reads.class), memory, 10, longestSeconds);
    }

    private static void refused(ThrowingCallable asked, int status) {
        assertThatThrownBy(asked).isInstanceOfSatisfying(QueryProblem.class, problem -> {
            assertThat(problem.getStatusCode().value()).isEqualTo(status);
            assertThat(problem.getHeaders().getFirst("Retry-After")).isEqualTo(status == 503 ? "1" : null);
        });
    }

    @Nested
    class AHistory {

        @Test
        void waitsForMemoryThatOthersHoldAndIsRefusedForTheTimeBeing() {
            var id = begun();
            checkpoints(id, T, 6);
            var memory = new PastMemory(LITTLE, Duration.ofMillis(10));
            var past = past(memory, 600);
            memory.with(others -> {
                others.add(LITTLE - (1 << 20));
                refused(() -> past.at(id, new Moment.Version(7)), 503);
                return others;
            });
            assertThat(past.at(id, new Moment.Version(7)).view().checkpoints()).hasSize(6);
            assertThat(memory.freeBytes()).isEqualTo(LITTLE);
        }

        @Test
        void isReadInSmallPartsWhereThereIsLittleMemory() {
            var id = begun();
            for (var i = 0; i < 500; i++) {
                readSide.append(id, T, new CheckpointRecorded("c" + i, null, null, Json.of("1")));
            }
            var memory = new PastMemory(LITTLE, Duration.ofMillis(10));
            var past = past(memory, 600);
            memory.with(others -> {
                others.add(LITTLE - (3L << 20));
                assertThat(past.at(id, new Moment.Version(501)).view().checkpoints())
                        .hasSize(500);
                return others;
            });
            assertThat(memory.freeBytes()).isEqualTo(LITTLE);
        }

        @Test
        void isRefusedForGoodWhereItHoldsTooMuchAtThatTime() {
            var id = begun();
            checkpoints(id, T, 16);
            var past = past(new PastMemory(LITTLE, Duration.ofSeconds(10)), 600);
            assertThat(past.at(id, new Moment.Version(6)).view().checkpoints()).hasSize(5);
            refused(() -> past.at(id, new Moment.Version(17)), 422);
        }

        @Test
        void isNoLargerForWhatWasReplaced() {
            var id = replacing(40);
            var past = past(new PastMemory(LITTLE, Duration.ofSeconds(10)), 600);
            var step = past.at(id, new Moment.Version(81))
                    .view()
                    .steps()
                    .values()
                    .iterator()
                    .next();
            assertThat(step.attempts()).hasSize(40);
        }

        @Test
        void comesToItsEndHoweverLittleOfItIsFoldedAtATime() {
            var id = replacing(40);
            var past = past(new PastMemory(LITTLE * 4, Duration.ofSeconds(10)), 0);
            var asked = 0;
            var version = 0L;
            while (version == 0) {
                assertThat(asked++).isLessThan(20);
                try {
                    version =
                            past.at(id, new Moment.Version(81)).view().header().version();
                } catch (QueryProblem problem) {
                    assertThat(problem.getStatusCode().value()).isEqualTo(503);
                }
            }
            assertThat(version).isEqualTo(81);
            assertThat(asked).isGreaterThan(2);
        }
    }

    @Nested
    class LongEventsAmongShortOnes {

        @Test
        void areChargedForBeforeTheyAreReadAndWhatCameBeforeThemIsKept() {
            var id = begun();
            shortOnes(id, 1_099);
            checkpoints(id, T, 6);
            shortOnes(id, 2_000);
            var all = 64L << 20;
            var memory = new PastMemory(all, Duration.ofMillis(10));
            var past = past(memory, 600);
            memory.with(others -> {
                // Enough for a page of short events, not for one of long ones.
                others.add(all - (12L << 20));
                refused(() -> past.at(id, new Moment.Version(3_106)), 503);
                others.add(12L << 20);
                // Two pages that a sixteenth of the memory allows for came before the long ones.
                assertThat(past.at(id, new Moment.Version(818)).view().checkpoints())
                        .hasSize(817);
                return others;
            });
            var view = past.at(id, new Moment.Version(3_106)).view();
            assertThat(view.checkpoints()).hasSize(3_105);
            assertThat(view.checkpoints().get(1_099).content().state().text()).hasSize(900_002);
            assertThat(memory.freeBytes()).isEqualTo(all);
        }

        private static void shortOnes(ExecutionId id, int number) {
            readSide.append(IntStream.range(0, number)
                    .mapToObj(i -> new ReadSide.Said(
                            id,
                            T,
                            new CheckpointRecorded(
                                    UUID.randomUUID().toString(), null, null, Json.of("{\"i\":" + i + "}"))))
                    .toList());
        }
    }

    @Nested
    class ByTheExecutorsClocks {

        @Test
        void littleIsReadOfAHistoryInWhichMuchHappensLater() {
            var id = begun();
            checkpoints(id, T.plusSeconds(1), 1);
            checkpoints(id, T.plusSeconds(60), 20);
            checkpoints(id, T.plusSeconds(2), 1);
            var past = past(new PastMemory(LITTLE, Duration.ofSeconds(10)), 600);
            assertThat(past.at(id, new Moment.Occurred(T.plusSeconds(30)))
                            .view()
                            .checkpoints())
                    .hasSize(2);
            refused(() -> past.at(id, new Moment.Version(23)), 422);
        }

        @Test
        void thereIsNothingBeforeTheFirstEvent() throws InterruptedException {
            var id = begun();
            readSide.append(id, T.minusSeconds(3_600), new StepStarted("a", 1, 1, null, StepDetails.NONE));
            readSide.settle();
            assertThat(readSide.get(path(id) + "?clock=occurred&at=2026-01-01T11:30:00Z")
                            .status())
                    .isEqualTo(404);
            var then = readSide.get(path(id) + "?clock=occurred&at=2026-01-01T12:00:00Z");
            assertThat(then.status()).isEqualTo(200);
            assertThat(then.json().get("asOf").get("clock").asString()).isEqualTo("occurred");
            assertThat(then.json().get("asOf").get("at").asString()).isEqualTo("2026-01-01T12:00:00.000000Z");
        }
    }

    @Nested
    class ARequest {

        @Test
        void holdsItsMemoryUntilItIsAnsweredAndNoLonger() throws InterruptedException {
            var id = begun();
            checkpoints(id, T, 3);
            readSide.settle();
            var memory = readSide.bean(PastMemory.class);
            var free = memory.freeBytes();
            for (var uri :
                    new String[] {"?version=4", "/diff?from=1&to=4", "/checkpoints/latest?version=3", "?version=9"}) {
                assertThat(readSide.get(path(id) + uri).status()).isIn(200, 404);
                assertThat(memory.freeBytes()).isEqualTo(free);
            }
        }

        @Test
        void forADiffWaitsForMemoryToo() throws InterruptedException {
            var id = begun();
            checkpoints(id, T, 2);
            readSide.settle();
            var memory = readSide.bean(PastMemory.class);
            assertThat(readSide.get(path(id) + "/diff?from=2&to=3").status()).isEqualTo(200);
            memory.with(others -> {
                others.add(memory.freeBytes() - 100_000);
                assertThat(readSide.get(path(id) + "/diff?from=2&to=3").status())
                        .isEqualTo(503);
                return others;
            });
        }
    }
}
