package dev.runledger.benchmark;

import java.util.List;

/**
 * Callers that each send one durable command after the other, over HTTP and in process, beside plain JDBC commits of one
 * row each. A command is one of six of an execution's life. Axon's projections stand still; the ledger's folds what is
 * written at the same time, or stands still too.
 */
record SingleCommands(int callers) implements Scenario {

    private static final String LOG_ONLY = ", no projection";

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
                .with(
                        "ledger, log only",
                        "commands/s",
                        lab.logOnly(Lab.LEDGER, () -> HttpLoad.of(ledger, callers, lab.one(), HttpCommands.lives())))
                .with("Axon", "commands/s", () -> axon.order("lives", callers, lab.one()))
                .with("ledger", "commands/s", () -> inProcess.order("lives", callers, lab.one()))
                .with(
                        "ledger, log only",
                        "commands/s",
                        lab.logOnly(Lab.IN_PROCESS, () -> inProcess.order("lives", callers, lab.one())))
                .measure();
        var overHttp = "single commands over HTTP, " + callers + " connections";
        report.add(overHttp(overHttp, measured, measured.get(2)));
        report.add(overHttp(overHttp + LOG_ONLY, measured, measured.get(3)));
        var inside = "single commands in process, " + callers + " callers";
        report.add(inProcess(inside, measured, measured.get(5)));
        report.add(inProcess(inside + LOG_ONLY, measured, measured.get(6)));
    }

    private Row overHttp(String path, List<Measurement> measured, Measurement ours) {
        var raw = measured.get(0);
        var axon = measured.get(1);
        return new Row(
                name(),
                path,
                raw,
                axon,
                ours,
                callers == 64
                        ? List.of(
                                Target.atLeast("× Axon", ours.ratioTo(axon), 3),
                                Target.atLeast("× raw", ours.ratioTo(raw), 0.65))
                        : List.of());
    }

    private Row inProcess(String path, List<Measurement> measured, Measurement ours) {
        var axon = measured.get(4);
        return new Row(
                name(),
                path,
                measured.get(0),
                axon,
                ours,
                callers == 256 ? List.of(Target.atLeast("× Axon", ours.ratioTo(axon), 15)) : List.of());
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
