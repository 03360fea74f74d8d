package dev.runledger.benchmark;

import java.util.List;

/** The same commands in one process with the log's hashing and without it. What the chain stores is written either way. */
record ChainCost() implements Scenario {

    private static final int CALLERS = 256;

    @Override
    public String name() {
        return "chain";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var inProcess = lab.inProcess();
        lab.warm("the ledger in process", duration -> inProcess.order("lives", 64, duration));
        lab.warm("the chain", duration -> inProcess.order("lives-chained", CALLERS, lab.one()));
        lab.warm("no chain", duration -> inProcess.order("lives-unchained", CALLERS, lab.one()));
        var measured = new Rounds(lab)
                .with("chain off", "commands/s", () -> inProcess.order("lives-unchained", CALLERS, lab.one()))
                .with("ledger", "commands/s", () -> inProcess.order("lives-chained", CALLERS, lab.one()))
                .measure();
        var off = measured.get(0);
        var on = measured.get(1);
        report.add(new Row(
                name(),
                "chain on beside off, 256 callers in process",
                null,
                off,
                on,
                List.of(Target.atMost("% of throughput", 100 * (1 - on.ratioTo(off)), 10))));
    }
}
