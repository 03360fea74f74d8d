package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What one more event of an execution costs that has few or many: one connection, RecordArtifact. */
record StreamLength() implements Scenario {

    private static final int[] LENGTHS = {10, 1_000, 100_000};
    private static final int[] EXECUTIONS = {1_000, 20, 1};

    @Override
    public String name() {
        return "stream-length";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var port = lab.ledger().port();
        SingleCommands.warmLedger(lab);
        var rounds = new Rounds(lab);
        for (var n = 0; n < LENGTHS.length; n++) {
            var executions = prepare(port, EXECUTIONS[n], LENGTHS[n]);
            lab.settle();
            HttpLoad.of(port, 1, lab.one(), HttpCommands.artifacts(executions));
            rounds.with(
                    "length " + LENGTHS[n],
                    "commands/s",
                    () -> HttpLoad.of(port, 1, lab.one(), HttpCommands.artifacts(executions)));
        }
        var measured = rounds.measure();
        for (var n = 1; n < LENGTHS.length; n++) {
            var cost = 1 / measured.get(n).ratioTo(measured.getFirst());
            report.add(new Row(
                    name(),
                    String.format("one more event of an execution of %,d, one connection", LENGTHS[n]),
                    null,
                    measured.getFirst(),
                    measured.get(n),
                    LENGTHS[n] == 100_000 ? List.of(Target.atMost("× the time at length 10", cost, 1.5)) : List.of()));
        }
    }

    private static List<UUID> prepare(int port, int executions, int length) throws Exception {
        var ids = new ArrayList<UUID>();
        var lines = new ArrayList<byte[]>();
        for (var n = 0; n < executions; n++) {
            var id = Ids.next();
            ids.add(id);
            lines.add(Runs.longExecution(id, length).text());
        }
        BatchUpload.send(port, lines);
        return ids;
    }
}
