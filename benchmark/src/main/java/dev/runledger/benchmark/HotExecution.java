package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Ids;
import dev.runledger.benchmark.load.Sample;
import java.util.List;

/**
 * Workers that all report to one execution, where each version follows the one before. Beside it: one command a commit,
 * which is one worker alone; and Axon, which loads the whole stream for each command.
 */
record HotExecution() implements Scenario {

    private static final int WORKERS = 256;

    @Override
    public String name() {
        return "hot";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var inProcess = lab.inProcess();
        var axon = lab.axon();
        SingleCommands.warm(lab);
        lab.warm("one execution in process", duration -> inProcess.order("hot", WORKERS, duration));
        lab.warm("one execution over HTTP", duration -> overHttp(lab, WORKERS));
        var measured = new Rounds(lab)
                .with("one command a commit", "commands/s", () -> inProcess.order("hot", 1, lab.one()))
                .with("ledger", "commands/s", () -> inProcess.order("hot", WORKERS, lab.one()))
                .with("Axon", "commands/s", () -> axon.order("hot", WORKERS, lab.one()))
                .with("one command a commit", "commands/s", () -> overHttp(lab, 1))
                .with("ledger", "commands/s", () -> overHttp(lab, WORKERS))
                .measure();
        var ours = measured.get(1);
        report.add(new Row(
                name(),
                "one execution, 256 workers in process",
                null,
                measured.get(0),
                ours,
                List.of(Target.atLeast("× one a commit", ours.ratioTo(measured.get(0)), 20))));
        report.add(new Row(name(), "one execution, 256 workers in process", null, measured.get(2), ours, List.of()));
        report.add(new Row(
                name(), "one execution, 256 workers over HTTP", null, measured.get(3), measured.get(4), List.of()));
    }

    private static Sample overHttp(Lab lab, int workers) throws Exception {
        var execution = Ids.next();
        var port = lab.ledger().port();
        HttpLoad.one(port, HttpCommands.start(execution));
        return HttpLoad.of(port, workers, lab.one(), HttpCommands.workers(execution));
    }
}
