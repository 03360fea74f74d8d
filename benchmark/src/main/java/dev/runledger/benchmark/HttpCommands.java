package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Ids;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What clients say over HTTP, one command a request. The Axon baseline understands the first three as well. */
final class HttpCommands {

    private static final String START = "\"workflow\":\"daily-etl\",\"agentId\":\"worker-17.eu\","
            + "\"tags\":{\"team\":\"data\",\"env\":\"prod\",\"region\":\"eu-west-1\"}}";
    private static final String OUTPUT = "{\"output\":[{\"dataset\":\"warehouse.customers_daily\",\"rows\":123456,"
            + "\"bytes\":98765432},{\"dataset\":\"warehouse.orders_daily\",\"rows\":654321,\"bytes\":12345678}]}";
    private static final String RESULT = "{\"output\":{\"result\":\"ok\"}}";

    private HttpCommands() {}

    /** Starts executions and does nothing more with them. */
    static IntFunction<Supplier<byte[]>> creations() {
        return number -> () -> start(Ids.next());
    }

    /** Runs executions of two steps one after the other: six commands each. */
    static IntFunction<Supplier<byte[]>> lives() {
        return number -> new Supplier<>() {
            private UUID execution = Ids.next();
            private int said;

            @Override
            public byte[] get() {
                return switch (said++) {
                    case 0 -> start(execution);
                    case 1 -> startStep(execution, "step-0");
                    case 2 -> completeStep(execution, "step-0");
                    case 3 -> startStep(execution, "step-1");
                    case 4 -> completeStep(execution, "step-1");
                    default -> {
                        var completed = HttpLoad.post(path(execution) + "/complete", RESULT);
                        execution = Ids.next();
                        said = 0;
                        yield completed;
                    }
                };
            }
        };
    }

    /** Workers of one execution, which each start and complete steps of their own. */
    static IntFunction<Supplier<byte[]>> workers(UUID execution) {
        return number -> new Supplier<>() {
            private int said;

            @Override
            public byte[] get() {
                var step = "worker-" + number + "-step-" + said / 2;
                return said++ % 2 == 0 ? startStep(execution, step) : completeStep(execution, step);
            }
        };
    }

    /** Records artifacts of executions by turns, each a new one. */
    static IntFunction<Supplier<byte[]>> artifacts(List<UUID> executions) {
        var count = new AtomicLong(System.nanoTime());
        return number -> () -> {
            var n = count.incrementAndGet();
            return HttpLoad.post(
                    path(executions.get((int) Math.floorMod(n, (long) executions.size()))) + "/artifacts",
                    "{\"stepId\":\"produce\",\"artifactId\":\"measured-" + n
                            + "\",\"type\":\"data\",\"name\":\"part.bam\",\"sizeBytes\":73400320}");
        };
    }

    static byte[] start(UUID execution) {
        return HttpLoad.post("/api/v1/executions", "{\"executionId\":\"" + execution + "\"," + START);
    }

    private static byte[] startStep(UUID execution, String step) {
        return HttpLoad.post(path(execution) + "/steps/" + step + "/start", "{\"name\":\"" + step + "\"}");
    }

    private static byte[] completeStep(UUID execution, String step) {
        return HttpLoad.post(path(execution) + "/steps/" + step + "/complete", OUTPUT);
    }

    private static String path(UUID execution) {
        return "/api/v1/executions/" + execution;
    }
}
