package dev.runledger.benchmark;

import java.util.List;

/** The command that needs nothing loaded, over HTTP. */
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
                .measure();
        report.add(new Row(
                name(),
                "only StartExecution over HTTP, 64 connections",
                null,
                measured.get(0),
                measured.get(1),
                List.of()));
    }
}
