package dev.runledger.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Measures the packaged server beside plain JDBC, Axon's default and Spring Data JPA, all in one run on one PostgreSQL
 * that it starts itself. Prints one table, and writes it with all values to {@code benchmark/target}; a full run also
 * writes {@code docs/performance.md} and {@code .json}. Arguments are {@code name=value}: see {@link Arguments}.
 */
public final class Benchmark {

    /** In this order: what a later one needs, an earlier one has often left behind. */
    private static final List<Scenario> SCENARIOS = List.of(
            new StartUp(),
            new Nothing(),
            new SingleCommands(1),
            new SingleCommands(8),
            new SingleCommands(64),
            new SingleCommands(256),
            new Creations(),
            new HotExecution(),
            new ChainCost(),
            new CatchUp(),
            new Ingest(),
            new Verify(),
            new StreamLength(),
            new TimeTravel(),
            new Lag(),
            new Rebuild(),
            new Reads(),
            new Statements());

    private Benchmark() {}

    public static void main(String[] given) throws Exception {
        var arguments = Arguments.of(given);
        var unknown = arguments.only().stream()
                .filter(name -> SCENARIOS.stream().noneMatch(scenario -> asked(scenario, name)))
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no scenario " + unknown + " among "
                    + SCENARIOS.stream().map(Scenario::name).toList());
        }
        var folder = Files.createTempDirectory("runledger-benchmark");
        var failed = run(arguments, folder);
        if (failed) {
            System.err.println("Logs are in " + folder);
            System.exit(1);
        }
        remove(folder);
    }

    private static boolean run(Arguments arguments, Path folder) throws Exception {
        try (var lab = Lab.open(arguments, folder)) {
            var report = new Report(Machine.describe(lab.postgres(), arguments));
            for (var scenario : SCENARIOS) {
                if (arguments.only().isEmpty() || arguments.only().stream().anyMatch(name -> asked(scenario, name))) {
                    measure(scenario, lab, report);
                }
            }
            if (HttpLoad.repeats() > 0) {
                report.note("%,d requests were answered 503 and sent again.".formatted(HttpLoad.repeats()));
            }
            System.out.println(report.text());
            report.writeJson(arguments.home().resolve("benchmark/target/performance.json"));
            if (arguments.full() && !report.hasFailures()) {
                report.writeInto(arguments.home().resolve("docs/performance.md"));
                report.writeJson(arguments.home().resolve("docs/performance.json"));
            }
            return report.hasFailures();
        }
    }

    /** Also by the beginning of a name. */
    private static boolean asked(Scenario scenario, String name) {
        return scenario.name().equals(name) || scenario.name().startsWith(name + "-");
    }

    /** One that fails leaves the others alone. */
    private static void measure(Scenario scenario, Lab lab, Report report) {
        Report.progress(scenario.name());
        try {
            scenario.measure(lab, report);
        } catch (Exception e) {
            e.printStackTrace();
            report.failed(scenario.name(), e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
