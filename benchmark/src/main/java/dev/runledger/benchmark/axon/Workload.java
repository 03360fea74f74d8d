package dev.runledger.benchmark.axon;

import dev.runledger.benchmark.axon.Messages.CompleteExecution;
import dev.runledger.benchmark.axon.Messages.CompleteStep;
import dev.runledger.benchmark.axon.Messages.Output;
import dev.runledger.benchmark.axon.Messages.StartExecution;
import dev.runledger.benchmark.axon.Messages.StartStep;
import dev.runledger.benchmark.load.Callers.Call;
import dev.runledger.benchmark.load.Ids;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.axonframework.commandhandling.gateway.CommandGateway;

/** What callers say to the baseline: the same as to the ledger. */
final class Workload {

    private static final List<Output> OUTPUT = List.of(
            new Output("warehouse.customers_daily", 123_456, 98_765_432),
            new Output("warehouse.orders_daily", 654_321, 12_345_678));
    private static final Map<String, String> TAGS = Map.of("team", "data", "env", "prod", "region", "eu-west-1");

    private final CommandGateway commands;

    Workload(CommandGateway commands) {
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
                    case 0 -> start(execution);
                    case 1 -> send(new StartStep(execution, "step-0", "step-0"));
                    case 2 -> send(new CompleteStep(execution, "step-0", OUTPUT));
                    case 3 -> send(new StartStep(execution, "step-1", "step-1"));
                    case 4 -> send(new CompleteStep(execution, "step-1", OUTPUT));
                    default -> {
                        send(new CompleteExecution(execution, "ok"));
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
        start(execution);
        return execution;
    }

    /** Starts and completes its own steps of an execution, one after the other. */
    Call worker(UUID execution, int number) {
        return new Call() {
            private int said;

            @Override
            public void make() {
                var step = "worker-" + number + "-step-" + said / 2;
                send(
                        said++ % 2 == 0
                                ? new StartStep(execution, step, step)
                                : new CompleteStep(execution, step, OUTPUT));
            }
        };
    }

    private void start(UUID execution) {
        send(new StartExecution(execution, "daily-etl", "worker-17.eu", TAGS));
    }

    private void send(Object command) {
        commands.sendAndWait(command);
    }
}
