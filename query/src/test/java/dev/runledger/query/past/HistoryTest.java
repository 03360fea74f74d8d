package dev.runledger.query.past;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static Mark mark(long version, long alone, long beyond) {
        var view = ExecutionView.evolve(
                null,
                new RecordedEvent(
                        new ExecutionId("default", new UUID(1, 1)),
                        version,
                        version,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        new ExecutionStarted(ExecutionDetails.NONE, null)));
        return new Mark(view, Instant.EPOCH, alone, beyond);
    }

    /** A mark every 1,000 versions, each with {@code beyond} bytes of its own. */
    private static History marked(int marks, long beyond, long bytes) {
        var history = History.EMPTY;
        Mark before = null;
        for (var i = 1; i <= marks; i++) {
            var mark = mark(i * 1_000L, i * beyond, beyond);
            history = history.with(mark, before, bytes);
            before = mark;
        }
        return history;
    }

    @Nested
    class Marks {

        @Test
        void areFoundFromAnyVersionOn() {
            var history = marked(5, 10, 1_000).with(mark(2_345, 30, 3), null, 1_000);
            assertThat(history.floor(999)).isNull();
            assertThat(history.floor(2_344)).extracting(Mark::version).isEqualTo(2_000L);
            assertThat(history.floor(2_999)).extracting(Mark::version).isEqualTo(2_345L);
            assertThat(history.floor(99_999)).extracting(Mark::version).isEqualTo(5_000L);
        }

        @Test
        void areFewerWhereThereIsNoRoomForAll() {
            var history = marked(64, 10, 400);
            assertThat(history.bytes()).isLessThanOrEqualTo(640);
            assertThat(history.marks().getLast().version()).isEqualTo(64_000);
            assertThat(history.marks())
                    .isSortedAccordingTo((one, other) -> Long.compare(one.version(), other.version()));
        }

        @Test
        void dropWhatWasReplacedMeanwhile() {
            var history = History.EMPTY;
            Mark before = null;
            for (var i = 1; i <= 64; i++) {
                var mark = mark(i * 1_000L, 10, 10);
                history = history.with(mark, before, 100);
                before = mark;
            }
            assertThat(history.bytes()).isLessThanOrEqualTo(100);
            assertThat(history.marks()).hasSizeBetween(4, 10);
            assertThat(history.marks().getLast().version()).isEqualTo(64_000);
        }

        @Test
        void ofAnotherFoldShareNothing() {
            var history = History.EMPTY.with(mark(2_000, 500, 20), mark(1_000, 480, 480), 1_000);
            assertThat(history.bytes()).isEqualTo(500);
        }

        @Test
        void keepTheLastHoweverLittleRoomThereIs() {
            assertThat(marked(9, 10, 1).marks())
                    .hasSize(1)
                    .first()
                    .extracting(Mark::version)
                    .isEqualTo(9_000L);
        }
    }
}
