package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.BANG;
import static dev.runledger.command.execution.Scenario.BOOM;
import static dev.runledger.command.execution.Scenario.json;

import dev.runledger.command.execution.ExecutionCommand.AmendExecution;
import dev.runledger.command.execution.ExecutionCommand.CancelExecution;
import dev.runledger.command.execution.ExecutionCommand.CancelStep;
import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.CompleteStep;
import dev.runledger.command.execution.ExecutionCommand.FailExecution;
import dev.runledger.command.execution.ExecutionCommand.FailStep;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommand.RecordArtifact;
import dev.runledger.command.execution.ExecutionCommand.RecordCheckpoint;
import dev.runledger.command.execution.ExecutionCommand.RetryExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.command.execution.ExecutionCommand.SkipStep;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.execution.ExecutionCommand.StartStep;
import dev.runledger.command.execution.ExecutionCommand.TimeOutExecution;
import dev.runledger.command.execution.ExecutionCommand.TimeOutStep;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Commands of every kind about one execution with few steps, few contents and few ids, so that they meet often: steps
 * fail, are retried, iterate, and ends come late or twice.
 */
final class AnyCommands {

    private AnyCommands() {}

    /** Sequences that begin with an execution, so that most of what follows leads somewhere. */
    static Arbitrary<List<ExecutionCommand>> sequences(int maxLength) {
        return Combinators.combine(creation(), command().list().ofMaxSize(maxLength))
                .as((first, rest) -> {
                    var all = new ArrayList<ExecutionCommand>(rest.size() + 1);
                    all.add(first);
                    all.addAll(rest);
                    return all;
                });
    }

    static Arbitrary<ExecutionCommand> command() {
        return Arbitraries.frequencyOf(
                Tuple.of(1, creation()), Tuple.of(12, ofStep()), Tuple.of(3, ofExecution()), Tuple.of(2, record()));
    }

    private static Arbitrary<ExecutionCommand> creation() {
        var details = Combinators.combine(Arbitraries.of("w", "x"), payload()).as(Scenario::details);
        return Combinators.combine(details, scheduleStep().list().ofMaxSize(2), Arbitraries.of(true, true, false))
                .as((given, steps, start) ->
                        start ? new StartExecution(given, steps) : new ScheduleExecution(given, steps));
    }

    private static Arbitrary<ExecutionCommand> ofExecution() {
        return Arbitraries.oneOf(
                Arbitraries.just(new StartExecution(ExecutionDetails.NONE, List.of())),
                Combinators.combine(payload(), Arbitraries.of(OpenSteps.class)).as(CompleteExecution::new),
                failure().map(FailExecution::new),
                reason().map(CancelExecution::new),
                reason().map(TimeOutExecution::new),
                Combinators.combine(stepId().list().ofMaxSize(2).injectNull(0.6), number(3))
                        .as((from, attempt) -> new RetryExecution(from, attempt, null, null, null)),
                payload().map(patch -> new AmendExecution(null, patch)));
    }

    private static Arbitrary<ExecutionCommand> ofStep() {
        return Combinators.combine(
                        stepId(), number(3), number(3), Arbitraries.integers().between(0, 12))
                .flatAs((stepId, iteration, attempt, kind) -> switch (kind) {
                    case 0, 1 ->
                        scheduleStep().list().ofMinSize(1).ofMaxSize(2).<ExecutionCommand>map(ScheduleSteps::new);
                    case 2, 3, 4, 5 ->
                        Combinators.combine(details(), Arbitraries.of("a", "b").injectNull(0.7))
                                .as((details, agent) -> new StartStep(stepId, iteration, attempt, agent, details));
                    case 6, 7 -> payload().map(output -> new CompleteStep(stepId, iteration, attempt, output));
                    case 8, 9 ->
                        Combinators.combine(
                                        failure(), Arbitraries.of(true, false).injectNull(0.5))
                                .as((error, retryable) ->
                                        new FailStep(stepId, iteration, attempt, error, retryable, null));
                    case 10 -> reason().map(reason -> new SkipStep(stepId, iteration, attempt, reason));
                    case 11 -> reason().map(reason -> new CancelStep(stepId, iteration, attempt, reason));
                    default -> reason().map(reason -> new TimeOutStep(stepId, iteration, attempt, reason));
                });
    }

    private static Arbitrary<ExecutionCommand> record() {
        return Arbitraries.oneOf(
                Combinators.combine(
                                Arbitraries.of("f", "g").injectNull(0.5),
                                stepId().injectNull(0.5),
                                Arbitraries.of("n", "m"))
                        .as((id, stepId, name) ->
                                new RecordArtifact(id, stepId, null, "data", name, null, null, null, null, null, null)),
                Combinators.combine(Arbitraries.of("c", "d"), Arbitraries.of("1", "2"))
                        .as((id, state) -> new RecordCheckpoint(id, null, null, json(state))));
    }

    private static Arbitrary<ScheduleStep> scheduleStep() {
        return Combinators.combine(stepId(), number(3), details()).as(ScheduleStep::new);
    }

    private static Arbitrary<StepDetails> details() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(StepDetails.NONE)),
                Tuple.of(1, Arbitraries.integers().between(0, 2).map(Scenario::retries)));
    }

    private static Arbitrary<String> stepId() {
        return Arbitraries.of("a", "b", "c");
    }

    private static Arbitrary<@Nullable Integer> number(int max) {
        return Arbitraries.integers().between(1, max).injectNull(0.7);
    }

    private static Arbitrary<@Nullable Json> payload() {
        return Arbitraries.of("{\"k\":1}", "{\"k\":2}").map(Scenario::json).injectNull(0.5);
    }

    private static Arbitrary<Failure> failure() {
        return Arbitraries.of(BOOM, BANG);
    }

    private static Arbitrary<@Nullable String> reason() {
        return Arbitraries.of("r", "s").injectNull(0.5);
    }
}
