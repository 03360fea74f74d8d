package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The read tables made anew from the whole log while the server serves: from the request until the new tables are shown,
 * with indexes, comparison and all. Beside it the same tables by SQL alone, in one transaction, with the same indexes, and
 * with no more than the events of this log need.
 * And what commands lose meanwhile.
 */
record Rebuild() implements Scenario {

    private static final int LEAST = 300_000;
    private static final String PROJECTION = "/api/v1/projections/read-model";
    private static final Pattern STATE = Pattern.compile("\"rebuild\":\\{[^{}]*?\"state\":\"(\\w+)\"");

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var ledger = lab.ledger();
        SingleCommands.warmLedger(lab);
        var missing = (int) (LEAST - events(lab));
        if (missing > 0) {
            BatchUpload.send(ledger.port(), Ingest.runs(lab.arguments()).copies(missing));
        }
        lab.settle();
        lab.postgres().execute(Lab.LEDGER, "analyze event_log.event");
        rebuild(lab, ledger);
        var measured = new Rounds(lab)
                .with("SQL alone", "events/s", () -> bySql(lab))
                .with("ledger", "events/s", () -> rebuild(lab, ledger))
                .measure();
        var sql = measured.get(0);
        var ours = measured.get(1);
        report.add(new Row(
                name(),
                String.format("online rebuild of %,d events", events(lab)),
                null,
                sql,
                ours,
                List.of(
                        Target.atLeast("× SQL alone", ours.ratioTo(sql), 0.5),
                        Target.atLeast("events/s", ours.median().figure(), 120_000))));
        whileItGoesOn(lab, ledger, report);
    }

    private void whileItGoesOn(Lab lab, Server ledger, Report report) throws Exception {
        var measured = new Rounds(lab)
                .with("no rebuild", "commands/s", () -> HttpLoad.of(ledger.port(), 64, lab.one(), HttpCommands.lives()))
                .with("ledger", "commands/s", () -> {
                    begin(ledger);
                    var sample = HttpLoad.of(ledger.port(), 64, lab.one(), HttpCommands.lives());
                    awaitEnd(ledger);
                    return sample;
                })
                .measure();
        var kept = measured.get(1).ratioTo(measured.get(0));
        report.add(new Row(
                name(),
                "single commands over HTTP, 64 connections, during a rebuild",
                null,
                measured.get(0),
                measured.get(1),
                List.of(Target.atLeast("× without", kept, 0.7))));
    }

    private static Sample rebuild(Lab lab, Server ledger) throws Exception {
        var events = events(lab);
        var begin = System.nanoTime();
        begin(ledger);
        awaitEnd(ledger);
        return Sample.rate(events, System.nanoTime() - begin);
    }

    private static void begin(Server ledger) throws IOException, InterruptedException {
        ledger.post(PROJECTION + "/rebuild", "{\"reason\":\"measured\"}");
    }

    private static void awaitEnd(Server ledger) throws IOException, InterruptedException {
        while (true) {
            var answer = ledger.get(PROJECTION);
            var state = STATE.matcher(answer);
            if (!state.find()) {
                throw new IOException("no rebuild in " + answer);
            }
            switch (state.group(1)) {
                case "RUNNING" -> TimeUnit.MILLISECONDS.sleep(20);
                case "DONE" -> {
                    return;
                }
                default -> throw new IOException("the rebuild ended otherwise: " + answer);
            }
        }
    }

    private static long events(Lab lab) throws SQLException {
        return lab.postgres().number(Lab.LEDGER, "select position from event_log.head");
    }

    private static Sample bySql(Lab lab) throws SQLException, IOException {
        var events = events(lab);
        try (var connection = lab.postgres().superuser(Lab.LEDGER)) {
            Postgres.execute(connection, "create schema made_by_sql");
            Postgres.execute(connection, "set search_path = made_by_sql");
            var begin = System.nanoTime();
            connection.setAutoCommit(false);
            Postgres.execute(connection, sql(lab, "query/src/main/resources/dev/runledger/query/read-model.sql"));
            Postgres.execute(connection, own("rebuild.sql"));
            Postgres.execute(
                    connection, sql(lab, "query/src/main/resources/dev/runledger/query/read-model-indexes.sql"));
            connection.commit();
            var took = System.nanoTime() - begin;
            connection.setAutoCommit(true);
            Postgres.execute(connection, "drop schema made_by_sql cascade");
            return Sample.rate(events, took);
        }
    }

    private static String own(String resource) throws IOException {
        try (var in = Objects.requireNonNull(Rebuild.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String sql(Lab lab, String path) throws IOException {
        return Files.readString(lab.arguments().home().resolve(Path.of(path)));
    }
}
