package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * Workflow runs as one NDJSON request over one connection, beside the same lines as rows by plain JDBC, 1,000 a
 * transaction on one connection. Each command of these runs leads to one event.
 */
record Ingest() implements Scenario {

    private static final int LINES_PER_SECOND = 30_000;

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var port = lab.ledger().port();
        var runs = runs(lab.arguments());
        var lines = (int) (LINES_PER_SECOND * lab.one().toMillis() / 1000);
        lab.warm("batches", duration -> BatchUpload.send(port, runs.copies(lines)));
        lab.warm("plain batches", duration -> lab.raw().batches(runs.lines(), lines));
        var measured = new Rounds(lab)
                .with("raw JDBC", "rows/s", () -> lab.raw().batches(runs.lines(), lines))
                .with("ledger", "events/s", () -> events(lab, port, runs.copies(lines)))
                .measure();
        var raw = measured.get(0);
        var ours = measured.get(1);
        report.add(new Row(
                name(),
                (lab.arguments().runs() == null ? "generated" : "real") + " runs in one NDJSON request",
                raw,
                null,
                ours,
                List.of(
                        Target.atLeast("× raw", ours.ratioTo(raw), 0.5),
                        Target.atLeast("events/s", ours.median().figure(), 60_000))));
    }

    static Runs runs(Arguments arguments) throws IOException {
        var given = arguments.runs();
        return given == null ? Runs.generated() : Runs.of(given);
    }

    private static Sample events(Lab lab, int port, List<byte[]> batch) throws IOException, SQLException {
        var before = head(lab);
        var begin = System.nanoTime();
        BatchUpload.send(port, batch);
        var took = System.nanoTime() - begin;
        return Sample.rate(head(lab) - before, took);
    }

    private static long head(Lab lab) throws SQLException {
        return lab.postgres().number(Lab.LEDGER, "select position from event_log.head");
    }
}
