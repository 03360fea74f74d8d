package dev.runledger.benchmark.ledger;

import dev.runledger.benchmark.load.Callers;
import dev.runledger.benchmark.load.Orders;
import dev.runledger.benchmark.load.Sample;
import dev.runledger.command.execution.ExecutionCommands;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;

/**
 * The packaged server with callers inside its process, who skip HTTP: everything from {@link ExecutionCommands} down is
 * as it is shipped. Takes the server's arguments.
 */
public final class InProcess {

    private InProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (var context = SpringApplication.run(Class.forName("dev.runledger.app.RunledgerApplication"), arguments)) {
            var workload = new Workload(context.getBean(ExecutionCommands.class));
            Orders.serve(Map.of(
                    "lives", (callers, duration) -> lives(workload, callers, duration),
                    "lives-chained", (callers, duration) -> lives(workload, callers, duration, false),
                    "lives-unchained", (callers, duration) -> lives(workload, callers, duration, true),
                    "hot", (callers, duration) -> hot(workload, callers, duration)));
        }
    }

    private static Sample lives(Workload workload, int callers, Duration duration) throws Exception {
        return Callers.virtual(callers, duration, number -> workload.lives());
    }

    private static Sample lives(Workload workload, int callers, Duration duration, boolean unchain) throws Exception {
        return UnchainedDigests.during(unchain, () -> lives(workload, callers, duration));
    }

    private static Sample hot(Workload workload, int callers, Duration duration) throws Exception {
        var execution = workload.hotExecution();
        return Callers.virtual(callers, duration, number -> workload.worker(execution, number));
    }
}
