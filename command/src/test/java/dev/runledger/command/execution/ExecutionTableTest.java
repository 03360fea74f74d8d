package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.BANG;
import static dev.runledger.command.execution.Scenario.BOOM;
import static dev.runledger.command.execution.Scenario.after;
import static dev.runledger.command.execution.Scenario.amend;
import static dev.runledger.command.execution.Scenario.artifact;
import static dev.runledger.command.execution.Scenario.cancel;
import static dev.runledger.command.execution.Scenario.checkpoint;
import static dev.runledger.command.execution.Scenario.complete;
import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.fail;
import static dev.runledger.command.execution.Scenario.retry;
import static dev.runledger.command.execution.Scenario.schedule;
import static dev.runledger.command.execution.Scenario.scheduleSteps;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startOtherwise;
import static dev.runledger.command.execution.Scenario.startScheduled;
import static dev.runledger.command.execution.Scenario.startStep;
import static dev.runledger.command.execution.Scenario.step;
import static dev.runledger.command.execution.Scenario.timeOut;
import static dev.runledger.command.execution.Scenario.told;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table "what a command does in each state" of an execution, cell by cell. */
class ExecutionTableTest {

    private static final List<String> STATES =
            List.of("none", "PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED");

    /** Commands down, states across; {@code ~} is the cell of an ended execution's own end said otherwise. */
    private static final String TABLE = """
            command            | none               | PENDING            | RUNNING             | COMPLETED        | FAILED           | TIMED_OUT        | CANCELLED
            schedule           | ExecutionScheduled | repeat             | repeat              | repeat           | repeat           | repeat           | repeat
            start              | ExecutionStarted   | ExecutionStarted   | repeat              | repeat           | repeat           | repeat           | repeat
            start, no body     | 404                | ExecutionStarted   | repeat              | repeat           | repeat           | repeat           | repeat
            start otherwise    | ExecutionStarted   | 409                | 409                 | 409              | 409              | 409              | 409
            complete           | 404                | 409                | ExecutionCompleted  | repeat           | 409              | 409              | 409
            complete otherwise | 404                | 409                | ExecutionCompleted  | 409              | 409              | 409              | 409
            fail               | 404                | ExecutionFailed    | ExecutionFailed     | 409              | repeat           | 409              | 409
            fail otherwise     | 404                | ExecutionFailed    | ExecutionFailed     | 409              | 409              | 409              | 409
            time out           | 404                | ExecutionTimedOut  | ExecutionTimedOut   | 409              | 409              | repeat           | 409
            time out otherwise | 404                | ExecutionTimedOut  | ExecutionTimedOut   | 409              | 409              | 409              | 409
            cancel             | 404                | ExecutionCancelled | ExecutionCancelled  | 409              | 409              | 409              | repeat
            cancel otherwise   | 404                | ExecutionCancelled | ExecutionCancelled  | 409              | 409              | 409              | 409
            retry              | 404                | 409                | 409                 | 409              | ExecutionRetried | ExecutionRetried | ExecutionRetried
            retry as 2         | 404                | 409                | 409                 | 409              | ExecutionRetried | ExecutionRetried | ExecutionRetried
            retry as 1         | 404                | 409                | 409                 | 409              | 409              | 409              | 409
            retry as 3         | 404                | 409                | 409                 | 409              | 409              | 409              | 409
            artifact           | 404                | ArtifactRecorded   | ArtifactRecorded    | ArtifactRecorded | ArtifactRecorded | ArtifactRecorded | ArtifactRecorded
            amend              | 404                | ExecutionAmended   | ExecutionAmended    | ExecutionAmended | ExecutionAmended | ExecutionAmended | ExecutionAmended
            checkpoint         | 404                | 409                | CheckpointRecorded  | 409              | 409              | 409              | 409
            schedule a step    | 404                | StepScheduled      | StepScheduled       | 409              | 409              | 409              | 409
            start a step       | 404                | 409                | StepStarted         | 409              | 409              | 409              | 409
            end no step        | 404                | 409                | 409                 | 409              | 409              | 409              | 409
            """;

    private static final Map<String, ExecutionCommand> COMMANDS = Map.ofEntries(
            Map.entry("schedule", schedule()),
            Map.entry("start", start()),
            Map.entry("start, no body", startScheduled()),
            Map.entry("start otherwise", startOtherwise()),
            Map.entry("complete", complete()),
            Map.entry("complete otherwise", new CompleteExecution(null, OpenSteps.REFUSE)),
            Map.entry("fail", fail(BOOM)),
            Map.entry("fail otherwise", fail(BANG)),
            Map.entry("time out", timeOut("slow")),
            Map.entry("time out otherwise", timeOut(null)),
            Map.entry("cancel", cancel("no need")),
            Map.entry("cancel otherwise", cancel(null)),
            Map.entry("retry", retry(null)),
            Map.entry("retry as 1", retry(1)),
            Map.entry("retry as 2", retry(2)),
            Map.entry("retry as 3", retry(3)),
            Map.entry("artifact", artifact("f", null, 1)),
            Map.entry("amend", amend("dev")),
            Map.entry("checkpoint", checkpoint("c", "{}")),
            Map.entry("schedule a step", scheduleSteps(step("new"))),
            Map.entry("start a step", startStep("new")),
            Map.entry("end no step", completeStep("new")));

    private static Scenario in(String state) {
        return switch (state) {
            case "none" -> after();
            case "PENDING" -> after(schedule());
            case "RUNNING" -> after(start());
            case "COMPLETED" -> after(start(), complete());
            case "FAILED" -> after(start(), fail(BOOM));
            case "TIMED_OUT" -> after(start(), timeOut("slow"));
            case "CANCELLED" -> after(start(), cancel("no need"));
            default -> throw new IllegalArgumentException(state);
        };
    }

    static Stream<Arguments> cells() {
        return TABLE.lines()
                .skip(1)
                .map(row -> row.split("\\|"))
                .flatMap(row -> Stream.iterate(1, column -> column < row.length, column -> column + 1)
                        .map(column -> Arguments.of(row[0].strip(), STATES.get(column - 1), row[column].strip())));
    }

    @ParameterizedTest(name = "{0} in {1}: {2}")
    @MethodSource("cells")
    void eachCellHolds(String command, String state, String expected) {
        var scenario = in(state);
        var decision = scenario.decide(requireNonNull(COMMANDS.get(command)));
        assertThat(told(decision)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("cells")
    void whatWasJustAppendedIsARepeat(String command, String state, String expected) {
        var scenario = in(state);
        var chosen = requireNonNull(COMMANDS.get(command));
        if (expected.startsWith("4") || expected.equals("repeat") || command.equals("retry")) {
            // Nothing was appended; a retry without its number is not recognised once it runs.
            assertThat(told(scenario.submit(chosen))).isEqualTo(expected);
        } else {
            scenario.submit(chosen);
            assertThat(told(scenario.decide(chosen))).isEqualTo("repeat");
        }
    }
}
