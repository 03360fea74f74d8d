package dev.runledger.benchmark;

import java.util.List;

/**
 * Callers that each send one durable command after the other, over HTTP and in process, beside plain JDBC commits of one
 * row each. A command is one of six of an execution's life; Axon's projections stand still, the ledger's does not.
 */
record SingleCommands(int callers) implements Scenario {

    @Override
    public String name() {
        return "commands-" + callers;
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var ledger = lab.ledger().port();
        var axon = lab.axon();
        var inProcess = lab.inProcess();
        warm(lab);
        var measured = new Rounds(lab)
                .with("raw JDBC", "commits/s", () -> lab.raw().commits(callers, lab.one()))
                .with("Axon", "commands/s", () -> HttpLoad.of(axon.port(), callers, lab.one(), HttpCommands.lives()))
                .with("ledger", "commands/s", () -> HttpLoad.of(ledger, callers, lab.one(), HttpCommands.lives()))
                .with("Axon", "commands/s", () -> axon.order("lives", callers, lab.one()))
                .with("ledger", "commands/s", () -> inProcess.order("lives", callers, lab.one()))
                .measure();
        var raw = measured.get(0);
        var http = measured.get(2);
        report.add(new Row(
                name(),
                "single commands over HTTP, " + callers + " connections",
                raw,
                measured.get(1),
                http,
                callers == 64
                        ? List.of(
                                Target.atLeast("× Axon", http.ratioTo(measured.get(1)), 3),
                                Target.atLeast("× raw", http.ratioTo(raw), 0.65))
                        : List.of()));
        var inside = measured.get(4);
        report.add(new Row(
                name(),
                "single commands in process, " + callers + " callers",
                raw,
                measured.get(3),
                inside,
                callers == 256 ? List.of(Target.atLeast("× Axon", inside.ratioTo(measured.get(3)), 15)) : List.of()));
    }

    static void warm(Lab lab) throws Exception {
        lab.warm("raw JDBC", duration -> lab.raw().commits(64, duration.dividedBy(4)));
        lab.warm("Axon in process", duration -> lab.axon().order("lives", 32, duration));
        lab.warm("Axon over HTTP", duration -> HttpLoad.of(lab.axon().port(), 64, duration, HttpCommands.lives()));
        lab.warm("the ledger in process", duration -> lab.inProcess().order("lives", 64, duration));
        warmLedger(lab);
    }

    static void warmLedger(Lab lab) throws Exception {
        lab.warm(
                "the ledger over HTTP",
                duration -> HttpLoad.of(lab.ledger().port(), 64, duration, HttpCommands.lives()));
    }
}
