package dev.runledger.benchmark;

import java.util.List;

/** The command that needs nothing loaded, over HTTP; and the same with the ledger's projection standing still. */
record Creations() implements Scenario {

    private static final int CONNECTIONS = 64;

    @Override
    public String name() {
        return "creations";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var ledger = lab.ledger().port();
        var axon = lab.axon().port();
        SingleCommands.warm(lab);
        var measured = new Rounds(lab)
                .with("Axon", "commands/s", () -> HttpLoad.of(axon, CONNECTIONS, lab.one(), HttpCommands.creations()))
                .with(
                        "ledger",
                        "commands/s",
                        () -> HttpLoad.of(ledger, CONNECTIONS, lab.one(), HttpCommands.creations()))
                .with("ledger, log only", "commands/s", () -> {
                    lab.holdProjection(Lab.LEDGER);
                    try {
                        return HttpLoad.of(ledger, CONNECTIONS, lab.one(), HttpCommands.lives());
                    } finally {
                        lab.releaseProjection(Lab.LEDGER);
                    }
                })
                .measure();
        report.add(new Row(
                name(),
                "only StartExecution over HTTP, 64 connections",
                null,
                measured.get(0),
                measured.get(1),
                List.of()));
        report.add(new Row(
                name(),
                "single commands over HTTP, 64 connections, projection standing still",
                null,
                null,
                measured.get(2),
                List.of()));
    }
}
