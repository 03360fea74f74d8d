package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The packaged server with its embedded PostgreSQL, from nothing to ready, and its memory then. */
record StartUp() implements Scenario {

    private static final int STARTS = 3;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var data = Files.createDirectories(lab.folder().resolve("start-data"));
        var starts = new ArrayList<Sample>();
        var memory = new ArrayList<Sample>();
        for (var n = 0; n <= STARTS; n++) {
            try (var server = Server.start(
                    lab.arguments().serverJar(),
                    lab.folder().resolve("start.log"),
                    List.of(),
                    List.of("--runledger.data-dir=" + data))) {
                var took = Sample.of(server.readyAfter().toMillis());
                if (n == 0) {
                    report.add(row("ready from nothing, embedded PostgreSQL", "ms", List.of(took)));
                } else {
                    starts.add(took);
                    memory.add(Sample.of(server.residentMiB()));
                }
            }
        }
        report.add(row("ready again", "ms", starts));
        report.add(row("resident memory when ready, without PostgreSQL", "MiB", memory));
    }

    private Row row(String path, String unit, List<Sample> values) {
        return new Row(name(), path, null, null, new Measurement("ledger", unit, values), List.of());
    }
}
