package dev.runledger.benchmark.ledger;

import dev.runledger.benchmark.load.Callers.Call;
import dev.runledger.benchmark.load.Ids;
import dev.runledger.command.execution.ExecutionCommand;
import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.CompleteStep;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.execution.ExecutionCommand.StartStep;
import dev.runledger.command.execution.ExecutionCommands;
import dev.runledger.command.execution.Origin;
import dev.runledger.command.execution.Outcome;
import dev.runledger.command.execution.Submission;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What callers say to the ledger: the same as the HTTP load says, and as the Axon baseline is told. */
final class Workload {

    private static final Origin ORIGIN = new Origin("benchmark", "benchmark", null);
    private static final Json OUTPUT = Json.of("[{\"dataset\":\"warehouse.customers_daily\",\"rows\":123456,"
            + "\"bytes\":98765432},{\"dataset\":\"warehouse.orders_daily\",\"rows\":654321,\"bytes\":12345678}]");
    private static final Json RESULT = Json.of("{\"result\":\"ok\"}");
    private static final StartExecution START = new StartExecution(
            new ExecutionDetails(
                    "daily-etl",
                    null,
                    null,
                    "worker-17.eu",
                    null,
                    null,
                    null,
                    null,
                    Map.of("team", "data", "env", "prod", "region", "eu-west-1"),
                    null,
                    null,
                    null,
                    null),
            List.of());

    private final ExecutionCommands commands;

    Workload(ExecutionCommands commands) {
        this.commands = commands;
    }

    /** Runs executions of two steps one after the other: six commands each. */
    Call lives() {
        return new Call() {
            private UUID execution = Ids.next();
            private int said;

            @Override
            public void make() {
                switch (said++) {
                    case 0 -> send(execution, START);
                    case 1 -> send(execution, start("step-0"));
                    case 2 -> send(execution, complete("step-0"));
                    case 3 -> send(execution, start("step-1"));
                    case 4 -> send(execution, complete("step-1"));
                    default -> {
                        send(execution, new CompleteExecution(RESULT, OpenSteps.REFUSE));
                        execution = Ids.next();
                        said = 0;
                    }
                }
            }
        };
    }

    /** Makes the execution that {@link #worker}s share. */
    UUID hotExecution() {
        var execution = Ids.next();
        send(execution, START);
        return execution;
    }

    /** Starts and completes its own steps of an execution, one after the other. */
    Call worker(UUID execution, int number) {
        return new Call() {
            private int said;

            @Override
            public void make() {
                var step = "worker-" + number + "-step-" + said / 2;
                send(execution, said++ % 2 == 0 ? start(step) : complete(step));
            }
        };
    }

    private static StartStep start(String step) {
        return new StartStep(
                step, null, null, null, new StepDetails(step, null, null, null, null, null, null, null, null));
    }

    private static CompleteStep complete(String step) {
        return new CompleteStep(step, null, null, OUTPUT);
    }

    private void send(UUID execution, ExecutionCommand command) {
        var submission = new Submission(command, Instant.now().truncatedTo(ChronoUnit.MICROS), null, null);
        var outcome = commands.apply(new ExecutionId("default", execution), List.of(submission), false, ORIGIN)
                .getFirst();
        if (outcome instanceof Outcome.Accepted accepted && !accepted.unchanged()) {
            return;
        }
        throw new IllegalStateException("not appended: " + outcome);
    }
}
