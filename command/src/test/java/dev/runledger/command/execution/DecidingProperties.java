package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.ExecutionCommand.RetryExecution;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.events.execution.StepState;
import dev.runledger.events.execution.StepStatus;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever is sent, in whatever order. */
class DecidingProperties {

    @Provide
    Arbitrary<List<ExecutionCommand>> sequences() {
        return AnyCommands.sequences(40);
    }

    @Property(tries = 2000)
    void noSequenceLeadsToAnIllegalState(@ForAll("sequences") List<ExecutionCommand> commands) {
        var scenario = new Scenario();
        for (var command : commands) {
            scenario.submit(command);
            assertLegal(scenario.state);
        }
        assertThat(scenario.state.version()).isEqualTo(scenario.history.size());
    }

    @Property(tries = 2000)
    void foldingTheHistoryGivesTheStateAgain(@ForAll("sequences") List<ExecutionCommand> commands) {
        var scenario = new Scenario();
        commands.forEach(scenario::submit);
        var folded = ExecutionState.NONE;
        for (var event : scenario.history) {
            folded = folded.evolve(event, null);
        }
        assertThat(folded).isEqualTo(scenario.state);
    }

    @Property(tries = 2000)
    void aCommandSentTwiceInARowAppendsNothing(@ForAll("sequences") List<ExecutionCommand> commands) {
        var scenario = new Scenario();
        for (var command : commands) {
            var appended = scenario.submit(command) instanceof Decision.Append;
            if (appended && !(command instanceof RetryExecution retry && retry.attempt() == null)) {
                assertThat(told(scenario.decide(command)))
                        .as("%s again", command)
                        .isEqualTo("repeat");
            }
        }
    }

    @Property(tries = 2000)
    void aBatchCutAnywhereAndSentAgainWholeEndsInTheSameHistory(
            @ForAll("sequences") List<ExecutionCommand> commands, @ForAll @IntRange(max = 41) int cut) {
        var whole = new Scenario();
        var accepted = new ArrayList<Named>();
        for (var command : commands) {
            var one = new Named("c" + accepted.size(), command);
            if (whole.submit(command, one.id(), null) instanceof Decision.Append) {
                accepted.add(one);
            }
        }
        var resent = new Scenario();
        accepted.stream().limit(cut).forEach(one -> resent.submit(one.command(), one.id(), null));
        accepted.forEach(one -> resent.submit(one.command(), one.id(), null));
        assertThat(resent.history).isEqualTo(whole.history);
    }

    private record Named(String id, ExecutionCommand command) {}

    private static void assertLegal(ExecutionState state) {
        var rows = state.steps().values().stream().flatMap(List::stream).toList();
        assertThat(state.pendingSteps()).isEqualTo(count(rows, StepStatus.PENDING));
        assertThat(state.activeSteps()).isEqualTo(count(rows, StepStatus.RUNNING) + count(rows, StepStatus.RETRYING));
        if (state.status() == null || state.status().ended()) {
            assertThat(state.openSteps()).as("open steps of an ended execution").isZero();
        }
        state.steps().values().forEach(iterations -> {
            for (var earlier : iterations.subList(0, iterations.size() - 1)) {
                assertThat(earlier.status().open())
                        .as("an earlier iteration is open")
                        .isFalse();
            }
        });
        for (var row : rows) {
            assertThat(row.attempts()).isGreaterThanOrEqualTo(row.attemptsBeforeRetry());
            if (row.status() == StepStatus.RETRYING) {
                assertThat(row.attempts() - row.attemptsBeforeRetry()).isBetween(1, row.maxRetries());
            }
            if (row.status() == StepStatus.RUNNING) {
                assertThat(row.attempts()).isPositive();
                assertThat(row.endHash()).isZero();
            }
        }
    }

    private static long count(List<StepState> rows, StepStatus status) {
        return rows.stream().filter(row -> row.status() == status).count();
    }

    @Property(tries = 1000)
    void everyStepEventNamesAStepThatIsOpenOrBegins(@ForAll("sequences") List<ExecutionCommand> commands) {
        var scenario = new Scenario();
        commands.forEach(scenario::submit);
        var folded = ExecutionState.NONE;
        for (var event : scenario.history) {
            if (event instanceof ExecutionEvent.OfStep step && !(event instanceof ExecutionEvent.StepReopened)) {
                var row = folded.step(step.stepId(), step.iteration());
                assertThat(row == null || row.status().open())
                        .as("%s after %s", event, row)
                        .isTrue();
            }
            folded = folded.evolve(event, null);
        }
    }
}
