package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * How old the oldest event is that the read tables do not show yet, looked at every few milliseconds while 5,000 events
 * a second arrive; and how long a single event takes from its answer to its row when nothing else happens.
 */
record Lag() implements Scenario {

    private static final int EVENTS_PER_SECOND = 5_000;
    private static final int BATCHES_PER_SECOND = 25;

    private static final String AGE = """
            select coalesce((
                select extract(epoch from clock_timestamp() - event.recorded_at) * 1000000
                from event_log.event
                where event.position = token.position + 1
              ), 0)::bigint
            from read_model.projection_token as token
            """;

    private static final String BEHIND = """
            select head.position - token.position
            from event_log.head, read_model.projection_token as token
            """;

    @Override
    public String name() {
        return "lag";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var port = lab.ledger().port();
        SingleCommands.warmLedger(lab);
        lab.warm("a steady stream", duration -> steady(lab, port));
        var measured = new Rounds(lab)
                .with("ledger", "events/s", () -> steady(lab, port))
                .with("ledger", "events/s", () -> alone(lab, port))
                .measure();
        var steady = measured.get(0);
        report.add(new Row(
                name(),
                "age of what the tables do not show, at 5,000 events/s",
                null,
                null,
                steady,
                List.of(
                        Target.atLeast("events/s", steady.median().figure(), 0.95 * EVENTS_PER_SECOND),
                        Target.atMost("ms in 99 of 100", steady.median().p99Millis(), 250))));
        var alone = measured.get(1);
        report.add(new Row(
                name(),
                "from a command's answer to its row, one connection",
                null,
                null,
                alone,
                List.of(Target.atMost("ms in half", alone.median().p50Millis(), 5))));
    }

    /** Batches at fixed times, whatever became of those before. */
    private static Sample steady(Lab lab, int port) throws Exception {
        var lines = Runs.shortExecutions(EVENTS_PER_SECOND / BATCHES_PER_SECOND / 2);
        var sent = new AtomicBoolean();
        var looking = CompletableFuture.supplyAsync(
                () -> ages(lab, sent), task -> Thread.ofPlatform().start(task));
        var count = (int) (BATCHES_PER_SECOND * lab.one().toMillis() / 1000);
        var before = head(lab);
        var begin = System.nanoTime();
        for (var n = 0; n < count; n++) {
            var due = begin + n * TimeUnit.SECONDS.toNanos(1) / BATCHES_PER_SECOND;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            BatchUpload.send(port, lines.copies(1));
        }
        var took = Math.max(System.nanoTime() - begin, lab.one().toNanos());
        var events = head(lab) - before;
        sent.set(true);
        var ages = looking.join();
        return new Sample(
                events * 1e9 / took, ages.getValueAtPercentile(50) / 1e3, ages.getValueAtPercentile(99) / 1e3);
    }

    private static Histogram ages(Lab lab, AtomicBoolean enough) {
        var micros = new Histogram(2);
        try (var connection = lab.postgres().superuser(Lab.LEDGER);
                var age = connection.prepareStatement(AGE)) {
            while (!enough.get()) {
                try (var row = age.executeQuery()) {
                    row.next();
                    micros.recordValue(Math.max(0, row.getLong(1)));
                }
                TimeUnit.MILLISECONDS.sleep(3);
            }
            return micros;
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sample alone(Lab lab, int port) throws Exception {
        var micros = new Histogram(2);
        var begin = System.nanoTime();
        var client = HttpCommands.creations().apply(0);
        while (System.nanoTime() - begin < lab.one().toNanos()) {
            HttpLoad.one(port, client.get());
            var answered = System.nanoTime();
            while (lab.postgres().number(Lab.LEDGER, BEHIND) > 0) {
                Thread.onSpinWait();
            }
            micros.recordValue((System.nanoTime() - answered) / 1_000);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return Sample.rate(micros, System.nanoTime() - begin);
    }

    private static long head(Lab lab) throws SQLException {
        return lab.postgres().number(Lab.LEDGER, "select position from event_log.head");
    }
}
