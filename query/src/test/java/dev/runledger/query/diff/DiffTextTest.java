package dev.runledger.query.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepReopened;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.query.AsOf;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.Past;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DiffTextTest {

    private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");

    private record Happened(int second, ExecutionEvent event) {}

    private static Past after(List<Happened> events, int number) {
        ExecutionView view = null;
        for (var i = 0; i < number; i++) {
            var at = T.plusSeconds(events.get(i).second());
            view = ExecutionView.evolve(
                    view,
                    new RecordedEvent(
                            new ExecutionId("default", new UUID(1, 1)),
                            i + 1,
                            i + 1,
                            at,
                            at,
                            events.get(i).event()));
        }
        return new Past(
                new Moment.Version(number),
                Objects.requireNonNull(view),
                AsOf.ofExecution(number, number, T.plusSeconds(number)));
    }

    /** What the last of {@code events} changed, but for the first line; they begin behind the start of the execution. */
    private static List<String> lastChange(Happened... events) {
        var all = new ArrayList<>(List.of(new Happened(0, new ExecutionStarted(ExecutionDetails.NONE, null))));
        all.addAll(List.of(events));
        return DiffText.of(after(all, all.size() - 1), after(all, all.size()))
                .lines()
                .skip(1)
                .toList();
    }

    private static ExecutionEvent started(int attempt) {
        return new StepStarted("a", 1, attempt, null, StepDetails.NONE);
    }

    @Nested
    class AStep {

        @Test
        void isSaidToBeDescribedAnewAlsoWhereMoreChanged() {
            var named = new StepDetails("Name", null, null, null, null, null, null, null, null);
            var events = List.of(
                    new Happened(0, new ExecutionStarted(ExecutionDetails.NONE, null)),
                    new Happened(1, new StepScheduled("a", 1, StepDetails.NONE)),
                    new Happened(2, new StepScheduled("a", 1, named)),
                    new Happened(3, started(1)));
            assertThat(DiffText.of(after(events, 2), after(events, 4)).lines().skip(1))
                    .containsExactly("step a (iteration 1): PENDING -> RUNNING, attempt 0 -> 1, described anew");
        }

        @Test
        void isSaidToHaveStartedAtAnotherTime() {
            var events = List.of(
                    new Happened(0, new ExecutionStarted(ExecutionDetails.NONE, null)),
                    new Happened(1, started(1)),
                    new Happened(2, new StepReopened("a", 1)),
                    new Happened(3, started(2)));
            assertThat(DiffText.of(after(events, 2), after(events, 4)).lines().skip(1))
                    .containsExactly("step a (iteration 1): attempt 1 -> 2, started at 2026-01-01T12:00:01.000000Z"
                            + " -> 2026-01-01T12:00:03.000000Z");
        }

        @Test
        void isSaidToHaveClocksThatDisagree() {
            assertThat(lastChange(new Happened(5, started(1)), new Happened(4, new StepCompleted("a", 1, 1, null))))
                    .containsExactly("step a (iteration 1): RUNNING -> COMPLETED, duration 0 ms, its clocks disagree");
        }
    }

    @Nested
    class TenThousandLines {

        @Test
        void areFollowedByTheNumberOfOthers() {
            var events = new ArrayList<>(List.of(new Happened(0, new ExecutionStarted(ExecutionDetails.NONE, null))));
            IntStream.range(0, 10_007)
                    .forEach(i ->
                            events.add(new Happened(1, new CheckpointRecorded("c" + i, null, null, Json.of("1")))));
            var lines = DiffText.of(after(events, 1), after(events, events.size()))
                    .lines()
                    .toList();
            assertThat(lines).hasSize(1 + 10_000 + 1).endsWith("checkpoint c9999 1", "and 7 more");
            assertThat(lines.get(1)).isEqualTo("checkpoint c0 1");
        }
    }
}
