package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How quickly a projection folds a log that is there. The ledger's after its tables were dropped, from then until they
 * show the whole log; Axon's after its tokens were reset, from the first event folded, for as long as a value is measured.
 */
record CatchUp() implements Scenario {

    private static final String UNDEFINED_TABLE = "42P01";

    @Override
    public String name() {
        return "catch-up";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var axon = lab.axon();
        var inProcess = lab.inProcess();
        SingleCommands.warm(lab);
        lab.warm("logs to replay", duration -> {
            axon.order("lives", 64, duration);
            return inProcess.order("lives", 256, duration);
        });
        lab.warm("Axon's projections", duration -> {
            axon.order("by-one", 1, duration.dividedBy(2));
            return axon.order("by-hundred", 1, duration.dividedBy(2));
        });
        var measured = new Rounds(lab)
                .with("Axon, batches of 1", "events/s", () -> axon.order("by-one", 1, lab.one()))
                .with("Axon, batches of 100", "events/s", () -> axon.order("by-hundred", 1, lab.one()))
                .with("ledger", "events/s", () -> fold(lab))
                .measure();
        var ours = measured.get(2);
        for (var axons : measured.subList(0, 2)) {
            report.add(new Row(
                    name(),
                    "projection catching up",
                    null,
                    axons,
                    ours,
                    List.of(Target.atLeast("× Axon", ours.ratioTo(axons), 10))));
        }
    }

    private static Sample fold(Lab lab) throws SQLException, InterruptedException {
        var postgres = lab.postgres();
        postgres.execute(Lab.IN_PROCESS, "drop schema read_model cascade");
        var begin = System.nanoTime();
        var head = postgres.number(Lab.IN_PROCESS, "select position from event_log.head");
        while (position(postgres) < head) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return Sample.rate(head, System.nanoTime() - begin);
    }

    /** How far the rows are; 0 also while there are no tables. */
    private static long position(Postgres postgres) throws SQLException {
        try {
            return postgres.number(Lab.IN_PROCESS, "select position from read_model.projection_token");
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                return 0;
            }
            throw e;
        }
    }
}
