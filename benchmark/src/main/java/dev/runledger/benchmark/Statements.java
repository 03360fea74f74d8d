package dev.runledger.benchmark;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Counts the SQL statements of each path, as the server sees them. Nothing is timed here. */
record Statements() implements Scenario {

    private static final int REQUESTS = 600;
    private static final int LINES = 5_000;

    private static final Side LEDGER = new Side("Runledger", Lab.LEDGER, "runledger");
    private static final Side AXON = new Side("Axon", Lab.AXON, "postgres");
    private static final Side JPA = new Side("Spring Data JPA", Lab.LEDGER, "postgres");

    /** Who causes statements: one login in one database. */
    private record Side(String name, String database, String login) {}

    /** What is counted. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    @Override
    public String name() {
        return "statements";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        lab.postgres().execute("postgres", "create extension if not exists pg_stat_statements");
        var ledger = lab.ledger().port();
        var ids = ReadTables.filled(lab);
        lab.settle();
        lab.holdProjection(Lab.LEDGER);
        try {
            commands(lab, report, LEDGER, ledger);
            batch(lab, report, ledger);
        } finally {
            lab.releaseProjection(Lab.LEDGER);
        }
        lab.settle();
        projection(lab, report, ledger);
        reads(lab, report, LEDGER, ledger, ids);
        commands(lab, report, AXON, lab.axon().port());
        reads(lab, report, JPA, lab.jpa().port(), ids);
    }

    private static void commands(Lab lab, Report report, Side side, int port) throws Exception {
        count(
                lab,
                report,
                side,
                "StartExecution, 1 connection",
                "command",
                REQUESTS,
                () -> HttpLoad.counted(port, 1, REQUESTS, HttpCommands.creations()));
        for (var connections : new int[] {1, 64}) {
            // Six commands are one life: whole lives, so that the mean is over all six.
            var requests = 6 * connections * Math.max(1, REQUESTS / connections / 6);
            count(
                    lab,
                    report,
                    side,
                    "the life of an execution, " + connections + " connection" + (connections == 1 ? "" : "s"),
                    "command",
                    requests,
                    () -> HttpLoad.counted(port, connections, requests, HttpCommands.lives()));
        }
    }

    private static void batch(Lab lab, Report report, int port) throws Exception {
        var runs = Ingest.runs(lab.arguments());
        var copies = runs.copies(LINES);
        var lines = copies.size() * runs.lines().size();
        count(
                lab,
                report,
                LEDGER,
                "batch of runs, without the projection",
                "1,000 lines",
                lines / 1e3,
                () -> BatchUpload.send(port, copies));
    }

    /** What a batch costs with the projection following, of which the log's share is counted above. */
    private static void projection(Lab lab, Report report, int port) throws Exception {
        var runs = Ingest.runs(lab.arguments());
        var copies = runs.copies(LINES);
        var lines = copies.size() * runs.lines().size();
        count(lab, report, LEDGER, "batch of runs, with the projection", "1,000 lines", lines / 1e3, () -> {
            BatchUpload.send(port, copies);
            lab.settle();
        });
    }

    private static void reads(Lab lab, Report report, Side side, int port, List<UUID> ids) throws Exception {
        count(
                lab,
                report,
                side,
                "one execution by id",
                "request",
                REQUESTS,
                () -> HttpLoad.counted(port, 1, REQUESTS, Reads.points(ids)));
        var list = Reads.always("/api/v1/executions?limit=50&status=COMPLETED");
        count(lab, report, side, "50 by status", "request", REQUESTS, () -> HttpLoad.counted(port, 1, REQUESTS, list));
    }

    private static void count(Lab lab, Report report, Side side, String path, String per, double times, Work work)
            throws Exception {
        var postgres = lab.postgres();
        postgres.countStatements(true);
        TimeUnit.MILLISECONDS.sleep(200);
        postgres.execute("postgres", "select pg_stat_statements_reset()");
        try {
            work.run();
            var counted = """
                    select coalesce(sum(calls), 0)::bigint
                    from pg_stat_statements
                    join pg_database on pg_database.oid = dbid
                    join pg_roles on pg_roles.oid = userid
                    where datname = '%s'
                      and rolname = '%s'
                    """.formatted(side.database(), side.login());
            var all = postgres.number("postgres", counted);
            var control = postgres.number(
                    "postgres", counted + " and query ~* '^(begin|commit|rollback|start transaction|set )'");
            report.add(new StatementCount(side.name() + ": " + path, per, all / times, control / times));
        } finally {
            postgres.countStatements(false);
        }
    }
}
