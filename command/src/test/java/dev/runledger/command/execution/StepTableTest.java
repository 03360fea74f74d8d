package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.BANG;
import static dev.runledger.command.execution.Scenario.after;
import static dev.runledger.command.execution.Scenario.cancelStep;
import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.completeStepOtherwise;
import static dev.runledger.command.execution.Scenario.failStep;
import static dev.runledger.command.execution.Scenario.scheduleSteps;
import static dev.runledger.command.execution.Scenario.skipStep;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startAttempt;
import static dev.runledger.command.execution.Scenario.startBy;
import static dev.runledger.command.execution.Scenario.startIteration;
import static dev.runledger.command.execution.Scenario.startStep;
import static dev.runledger.command.execution.Scenario.step;
import static dev.runledger.command.execution.Scenario.timeOutStep;
import static dev.runledger.command.execution.Scenario.told;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.events.execution.StepDetails;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table "what a command does in each state" of a step, cell by cell, while its execution runs. */
class StepTableTest {

    private static final List<String> STATES = List.of(
            "none", "PENDING", "RUNNING", "RETRYING", "COMPLETED", "FAILED", "SKIPPED", "CANCELLED", "TIMED_OUT");

    private static final String TABLE = """
            command            | none          | PENDING       | RUNNING       | RETRYING      | COMPLETED | FAILED | SKIPPED | CANCELLED | TIMED_OUT
            schedule           | StepScheduled | repeat        | repeat        | repeat        | repeat    | repeat | repeat  | repeat    | repeat
            schedule otherwise | StepScheduled | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            schedule 2nd       | 409           | 409           | 409           | 409           | StepScheduled | StepScheduled | StepScheduled | StepScheduled | StepScheduled
            schedule 3rd       | 409           | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            start              | StepStarted   | StepStarted   | repeat        | StepStarted   | repeat    | repeat | 409     | repeat    | repeat
            start by another   | StepStarted   | StepStarted   | 409           | StepStarted   | 409       | 409    | 409     | 409       | 409
            start attempt 1    | StepStarted   | StepStarted   | repeat        | repeat        | repeat    | repeat | 409     | repeat    | repeat
            start attempt 2    | 409           | 409           | 409           | StepStarted   | 409       | 409    | 409     | 409       | 409
            start attempt 3    | 409           | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            start 2nd          | 409           | 409           | 409           | 409           | StepStarted | StepStarted | StepStarted | StepStarted | StepStarted
            start 3rd          | 409           | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            complete           | 409           | 409           | StepCompleted | 409           | repeat    | 409    | 409     | 409       | 409
            complete otherwise | 409           | 409           | StepCompleted | 409           | 409       | 409    | 409     | 409       | 409
            complete attempt 1 | 409           | 409           | StepCompleted | 409           | repeat    | 409    | 409     | 409       | 409
            complete attempt 2 | 409           | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            complete 2nd       | 409           | 409           | 409           | 409           | 409       | 409    | 409     | 409       | 409
            fail               | 409           | 409           | StepFailed    | repeat        | 409       | 409    | 409     | 409       | 409
            fail for good      | 409           | 409           | StepFailed    | 409           | 409       | repeat | 409     | 409       | 409
            skip               | StepSkipped   | StepSkipped   | 409           | 409           | 409       | 409    | repeat  | 409       | 409
            skip otherwise     | StepSkipped   | StepSkipped   | 409           | 409           | 409       | 409    | 409     | 409       | 409
            cancel             | 409           | StepCancelled | StepCancelled | StepCancelled | 409       | 409    | 409     | repeat    | 409
            cancel otherwise   | 409           | StepCancelled | StepCancelled | StepCancelled | 409       | 409    | 409     | 409       | 409
            time out           | 409           | 409           | StepTimedOut  | StepTimedOut  | 409       | 409    | 409     | 409       | repeat
            time out otherwise | 409           | 409           | StepTimedOut  | StepTimedOut  | 409       | 409    | 409     | 409       | 409
            """;

    private static final Map<String, ExecutionCommand> COMMANDS = Map.ofEntries(
            Map.entry("schedule", scheduleSteps(step("s"))),
            Map.entry("schedule otherwise", scheduleSteps(step("s", 7))),
            Map.entry("schedule 2nd", scheduleSteps(new ScheduleStep("s", 2, StepDetails.NONE))),
            Map.entry("schedule 3rd", scheduleSteps(new ScheduleStep("s", 3, StepDetails.NONE))),
            Map.entry("start", startStep("s")),
            Map.entry("start by another", startBy("s", "other")),
            Map.entry("start attempt 1", startAttempt("s", 1)),
            Map.entry("start attempt 2", startAttempt("s", 2)),
            Map.entry("start attempt 3", startAttempt("s", 3)),
            Map.entry("start 2nd", startIteration("s", 2)),
            Map.entry("start 3rd", startIteration("s", 3)),
            Map.entry("complete", completeStep("s")),
            Map.entry("complete otherwise", completeStepOtherwise("s")),
            Map.entry("complete attempt 1", completeStep("s", null, 1)),
            Map.entry("complete attempt 2", completeStep("s", null, 2)),
            Map.entry("complete 2nd", completeStep("s", 2, null)),
            Map.entry("fail", failStep("s")),
            Map.entry("fail for good", failStep("s", BANG, false)),
            Map.entry("skip", skipStep("s", "no need")),
            Map.entry("skip otherwise", skipStep("s", null)),
            Map.entry("cancel", cancelStep("s", "no need")),
            Map.entry("cancel otherwise", cancelStep("s", null)),
            Map.entry("time out", timeOutStep("s", "slow")),
            Map.entry("time out otherwise", timeOutStep("s", null)));

    private static Scenario in(String state) {
        var scheduled = scheduleSteps(step("s", 1));
        return switch (state) {
            case "none" -> after(start());
            case "PENDING" -> after(start(), scheduled);
            case "RUNNING" -> after(start(), scheduled, startStep("s"));
            case "RETRYING" -> after(start(), scheduled, startStep("s"), failStep("s"));
            case "COMPLETED" -> after(start(), scheduled, startStep("s"), completeStep("s"));
            case "FAILED" -> after(start(), scheduled, startStep("s"), failStep("s", BANG, false));
            case "SKIPPED" -> after(start(), scheduled, skipStep("s", "no need"));
            case "CANCELLED" -> after(start(), scheduled, startStep("s"), cancelStep("s", "no need"));
            case "TIMED_OUT" -> after(start(), scheduled, startStep("s"), timeOutStep("s", "slow"));
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
        assertThat(told(in(state).decide(requireNonNull(COMMANDS.get(command)))))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} in {1}: {2}")
    @MethodSource("cells")
    void anEndedExecutionRecognisesRepeatsAndTakesNothingNew(String command, String state, String expected) {
        var scenario = in(state);
        if (List.of("none", "PENDING", "RUNNING", "RETRYING").contains(state)) {
            return; // Ending the execution would move these steps on.
        }
        scenario.submit(Scenario.complete());
        assertThat(told(scenario.decide(requireNonNull(COMMANDS.get(command)))))
                .isEqualTo(expected.startsWith("Step") ? "409" : expected);
    }
}
