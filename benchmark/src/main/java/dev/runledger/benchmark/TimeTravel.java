package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Ids;
import dev.runledger.benchmark.load.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** An execution as of a version of its past, on one connection: any version of one that was asked for before, and first. */
record TimeTravel() implements Scenario {

    private static final int SHORT = 1_000;
    private static final int LONG = 100_000;

    /** How many long ones are asked for the first time. */
    private static final int FRESH = 3;

    @Override
    public String name() {
        return "time-travel";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var ledger = lab.ledger();
        var shorts = prepare(ledger, 20, SHORT);
        var longs = prepare(ledger, 1, LONG);
        lab.settle();
        lab.warm("time travel", duration -> {
            HttpLoad.of(ledger.port(), 1, duration, versions(longs, LONG));
            return HttpLoad.of(ledger.port(), 1, duration, versions(shorts, SHORT));
        });
        var measured = new Rounds(lab)
                .with("ledger", "requests/s", () -> HttpLoad.of(ledger.port(), 1, lab.one(), versions(shorts, SHORT)))
                .with("ledger", "requests/s", () -> HttpLoad.of(ledger.port(), 1, lab.one(), versions(longs, LONG)))
                .with("ledger", "requests/s", () -> first(ledger, prepare(ledger, 20, SHORT), SHORT))
                .with("ledger", "requests/s", () -> first(ledger, prepare(ledger, FRESH, LONG), LONG))
                .measure();
        report.add(row("any version of an execution of 1,000 events", measured.get(0), 20));
        report.add(row("any version of an execution of 100,000 events", measured.get(1), 300));
        report.add(row("the same of 1,000 events, asked for the first time", measured.get(2), 20));
        report.add(row("the same of 100,000 events, asked for the first time", measured.get(3), 300));
    }

    private Row row(String path, Measurement ours, double millis) {
        return new Row(
                name(),
                path,
                null,
                null,
                ours,
                List.of(Target.atMost("ms in 99 of 100", ours.median().p99Millis(), millis)));
    }

    private static Sample first(Server ledger, List<UUID> executions, int events) throws Exception {
        var micros = new Histogram(2);
        var begin = System.nanoTime();
        for (var execution : executions) {
            var sent = System.nanoTime();
            HttpLoad.one(ledger.port(), version(execution, events));
            micros.recordValue((System.nanoTime() - sent) / 1_000);
        }
        return Sample.rate(micros, System.nanoTime() - begin);
    }

    private static IntFunction<Supplier<byte[]>> versions(List<UUID> executions, int events) {
        return number ->
                () -> version(executions.get(ThreadLocalRandom.current().nextInt(executions.size())), events);
    }

    private static byte[] version(UUID execution, int events) {
        return HttpLoad.get("/api/v1/executions/" + execution + "?version="
                + ThreadLocalRandom.current().nextInt(1, events + 1));
    }

    private static List<UUID> prepare(Server ledger, int executions, int length) throws Exception {
        var ids = new ArrayList<UUID>();
        var lines = new ArrayList<byte[]>();
        for (var n = 0; n < executions; n++) {
            var id = Ids.next();
            ids.add(id);
            lines.add(Runs.longExecution(id, length).text());
        }
        BatchUpload.send(ledger.port(), lines);
        return ids;
    }
}
