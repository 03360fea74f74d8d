package dev.runledger.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.execution.ExecutionHeader;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.events.execution.StepState;
import dev.runledger.events.execution.StepStatus;
import dev.runledger.events.execution.StepView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What is decided on and what people see are two folds of the same events: they never tell different stories. */
class FoldsAgreeProperties {

    private static final int MAX_COMMANDS = 40;

    @Provide
    Arbitrary<List<ExecutionCommand>> sequences() {
        return AnyCommands.sequences(MAX_COMMANDS);
    }

    @Property(tries = 2000)
    void onStatusesAndAttemptsAfterEveryEvent(@ForAll("sequences") List<ExecutionCommand> commands) {
        var scenario = new Scenario();
        commands.forEach(scenario::submit);
        var state = ExecutionState.NONE;
        @Nullable ExecutionView view = null;
        for (var event : scenario.history) {
            state = state.evolve(event, null);
            view = ExecutionView.evolve(
                    view,
                    new RecordedEvent(
                            Scenario.EXECUTION,
                            state.version(),
                            state.version() + 100,
                            Scenario.NOW,
                            Scenario.NOW,
                            event));
            assertAgree(state, view);
        }
    }

    private static void assertAgree(ExecutionState state, ExecutionView view) {
        ExecutionHeader header = view.header();
        assertThat(header.status()).isEqualTo(state.status());
        assertThat(header.version()).isEqualTo(state.version());
        assertThat(header.attempt()).isEqualTo(state.attempt());
        assertThat(header.artifactCount()).isEqualTo(state.artifacts().size());
        assertThat(view.checkpoints()).hasSize(state.checkpoints().size());

        var counts = new HashMap<StepStatus, Integer>();
        var rows = 0;
        for (Map.Entry<String, ? extends List<StepState>> step : state.steps().entrySet()) {
            var iteration = 0;
            for (var row : step.getValue()) {
                iteration++;
                rows++;
                var seen = Objects.requireNonNull(view.steps().get(new StepView.Key(step.getKey(), iteration)));
                assertThat(seen.status()).isEqualTo(row.status());
                assertThat(seen.attempt()).isEqualTo(row.attempts());
                assertThat(seen.details().whole()).isEqualTo(row.details());
                counts.merge(row.status(), 1, Integer::sum);
            }
        }
        assertThat(view.steps()).hasSize(rows);
        assertThat(header.stepCounts().byStatus()).isEqualTo(counts);
    }
}
