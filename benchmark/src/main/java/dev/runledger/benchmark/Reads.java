package dev.runledger.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Reads over HTTP with 64 connections, beside Spring Data JPA on the same rows behind the same web server. */
record Reads() implements Scenario {

    private static final int CONNECTIONS = 64;
    private static final String LIST = "/api/v1/executions?limit=50&status=";
    private static final String UNIT = "requests/s";

    /** Of a walk through a list, which takes the largest pages. */
    private static final String WALK = "/api/v1/executions?limit=500&status=COMPLETED";

    private static final Pattern CURSOR = Pattern.compile("\"nextCursor\":\"([^\"]+)\"");

    @Override
    public String name() {
        return "reads";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var ledger = lab.ledger().port();
        var ids = ReadTables.filled(lab);
        var rows = ids.size();
        var jpa = lab.jpa().port();
        var cursors = cursors(lab.ledger());
        lab.warm("reads by JPA", duration -> {
            HttpLoad.of(jpa, CONNECTIONS, duration, points(ids));
            return HttpLoad.of(jpa, CONNECTIONS, duration.dividedBy(2), always(LIST + "FAILED"));
        });
        lab.warm("reads", duration -> {
            HttpLoad.of(ledger, CONNECTIONS, duration, points(ids));
            return HttpLoad.of(ledger, CONNECTIONS, duration.dividedBy(2), deep(cursors));
        });
        var measured = new Rounds(lab)
                .with("JPA by id", UNIT, () -> HttpLoad.of(jpa, CONNECTIONS, lab.one(), points(ids)))
                .with("ledger", UNIT, () -> HttpLoad.of(ledger, CONNECTIONS, lab.one(), points(ids)))
                .with("JPA slice", UNIT, () -> HttpLoad.of(jpa, CONNECTIONS, lab.one(), always(LIST + "COMPLETED")))
                .with("ledger", UNIT, () -> HttpLoad.of(ledger, CONNECTIONS, lab.one(), always(LIST + "COMPLETED")))
                .with("JPA slice", UNIT, () -> HttpLoad.of(jpa, CONNECTIONS, lab.one(), deepSlices(rows)))
                .with("ledger", UNIT, () -> HttpLoad.of(ledger, CONNECTIONS, lab.one(), deep(cursors)))
                .measure();
        var among = String.format(" among %,d", rows);
        var point = measured.get(1);
        report.add(new Row(
                name(),
                "one execution by id" + among,
                null,
                measured.get(0),
                point,
                List.of(
                        Target.atLeast("× JPA", point.ratioTo(measured.get(0)), 1.7),
                        Target.atLeast("requests/s", point.median().figure(), 18_000))));
        var slice = measured.get(2);
        report.add(list("50 by status, newest" + among, slice, measured.get(3)));
        var deep = measured.get(5);
        report.add(new Row(name(), "50 by status, any depth" + among, null, measured.get(4), deep, List.of()));
        report.add(list("50 by status, any depth" + among + ", beside JPA's first page", slice, deep));
    }

    private Row list(String path, Measurement slice, Measurement ours) {
        return new Row(
                name(),
                path,
                null,
                slice,
                ours,
                List.of(
                        Target.atLeast("× JPA", ours.ratioTo(slice), 1.25),
                        Target.atLeast("requests/s", ours.median().figure(), 5_000)));
    }

    static IntFunction<Supplier<byte[]>> points(List<UUID> ids) {
        return number -> () -> HttpLoad.get(
                "/api/v1/executions/" + ids.get(ThreadLocalRandom.current().nextInt(ids.size())));
    }

    static IntFunction<Supplier<byte[]>> always(String path) {
        var request = HttpLoad.get(path);
        return number -> () -> request;
    }

    private static IntFunction<Supplier<byte[]>> deep(List<String> cursors) {
        return number -> () -> HttpLoad.get(LIST + "COMPLETED&cursor="
                + cursors.get(ThreadLocalRandom.current().nextInt(cursors.size())));
    }

    /** Down to the middle of the completed ones, which are 17 of 20. */
    private static IntFunction<Supplier<byte[]>> deepSlices(int rows) {
        var pages = Math.max(1, rows * 17 / 20 / 50 / 2);
        return number -> () -> HttpLoad.get(
                LIST + "COMPLETED&page=" + ThreadLocalRandom.current().nextInt(pages));
    }

    /** Where pages begin, from the newest down to the middle of the completed ones at the most. */
    private static List<String> cursors(Server ledger) throws Exception {
        var cursors = new ArrayList<String>();
        var next = CURSOR.matcher(ledger.get(WALK));
        while (next.find() && cursors.size() < 850) {
            cursors.add(next.group(1));
            next = CURSOR.matcher(ledger.get(WALK + "&cursor=" + cursors.getLast()));
        }
        if (cursors.isEmpty()) {
            throw new IllegalStateException("the list has no second page");
        }
        return cursors;
    }
}
