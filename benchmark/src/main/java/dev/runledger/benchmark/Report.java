package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What a run found: as a table for people and as JSON for programs. */
final class Report {

    private static final String BEGIN = "<!-- begin %s -->";
    private static final String END = "<!-- end %s -->";

    private final List<String> machine;
    private final List<Row> rows = new ArrayList<>();
    private final List<StatementCount> counts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    /** @param machine what it runs on, a line each */
    Report(List<String> machine) {
        this.machine = machine;
    }

    /** Says on standard error what is being done. */
    static void progress(String what) {
        System.err.printf("%tT %s%n", System.currentTimeMillis(), what);
    }

    void add(Row row) {
        rows.add(row);
        progress(line(row));
    }

    void add(StatementCount count) {
        counts.add(count);
        progress(line(count));
    }

    void note(String sentence) {
        notes.add(sentence);
        progress(sentence);
    }

    void skipped(String scenario, String why) {
        note("Not measured: " + scenario + ", " + why + ".");
    }

    void failed(String scenario, Exception failure) {
        failures.put(scenario, String.valueOf(failure));
        progress(scenario + " failed: " + failure);
    }

    boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** Everything, in Markdown. */
    String text() {
        return figures() + (counts.isEmpty() ? "" : "\n" + statements());
    }

    private String figures() {
        var text = new StringBuilder();
        machine.forEach(line -> text.append("- ").append(line).append('\n'));
        text.append("\n| path | raw JDBC | beside | Runledger | ÷ raw | ÷ beside | p50 / p99 ms | asked |\n")
                .append("|---|---:|---|---:|---:|---:|---:|---|\n");
        rows.forEach(row -> text.append(line(row)).append('\n'));
        notes.forEach(note -> text.append('\n').append(note).append('\n'));
        failures.forEach((scenario, why) -> text.append("\n**")
                .append(scenario)
                .append(" failed**: ")
                .append(why)
                .append('\n'));
        return text.toString();
    }

    private String statements() {
        return "| path | statements | of these begin, commit … | for |\n|---|---:|---:|---|\n"
                + counts.stream().map(Report::line).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(StatementCount count) {
        return String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %s |",
                count.path(),
                count.statements(),
                count.control(),
                count.per());
    }

    private static String line(Row row) {
        var ours = row.ours();
        return "| "
                + String.join(
                        " | ",
                        row.path(),
                        cell(row.raw(), false),
                        cell(row.peer(), true),
                        cell(ours, false),
                        ratio(ours, row.raw()),
                        ratio(ours, row.peer()),
                        latencies(ours),
                        row.targets().stream().map(Target::text).collect(Collectors.joining("<br>")))
                + " |";
    }

    private static String cell(@Nullable Measurement measurement, boolean named) {
        if (measurement == null) {
            return "";
        }
        var figures = "%s %s (%s–%s)"
                .formatted(
                        figure(measurement.median().figure()),
                        measurement.unit(),
                        figure(measurement.lowest()),
                        figure(measurement.highest()));
        return named ? measurement.name() + ": " + figures : figures;
    }

    private static String ratio(@Nullable Measurement ours, @Nullable Measurement other) {
        return ours == null || other == null ? "" : figure(ours.ratioTo(other));
    }

    private static String latencies(@Nullable Measurement ours) {
        if (ours == null || Double.isNaN(ours.median().p50Millis())) {
            return "";
        }
        return figure(ours.median().p50Millis()) + " / " + figure(ours.median().p99Millis());
    }

    /** With about three digits that count. */
    static String figure(double value) {
        var digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    /** For programs: every value of every contender. */
    void writeJson(Path file) throws IOException {
        var json = JsonMapper.builder().build();
        var all = new LinkedHashMap<String, Object>();
        all.put("machine", machine);
        all.put("rows", rows.stream().map(Report::fields).toList());
        all.put("statements", counts);
        all.put("notes", notes);
        all.put("failures", failures);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
    }

    private static Map<String, Object> fields(Row row) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("scenario", row.scenario());
        fields.put("path", row.path());
        put(fields, "raw", row.raw());
        put(fields, "beside", row.peer());
        put(fields, "runledger", row.ours());
        fields.put(
                "targets",
                row.targets().stream()
                        .map(target -> Map.of(
                                "what",
                                target.what(),
                                "got",
                                target.got(),
                                target.atMost() ? "atMost" : "atLeast",
                                target.bound(),
                                "met",
                                target.met()))
                        .toList());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Measurement measurement) {
        if (measurement != null) {
            var values = new LinkedHashMap<String, Object>();
            values.put("name", measurement.name());
            values.put("unit", measurement.unit());
            values.put(
                    "values", measurement.values().stream().map(Sample::figure).toList());
            values.put("median", measurement.median().figure());
            if (!Double.isNaN(measurement.median().p50Millis())) {
                values.put("p50Millis", measurement.median().p50Millis());
                values.put("p99Millis", measurement.median().p99Millis());
            }
            fields.put(name, values);
        }
    }

    /** Puts the tables between their marks in a page, and leaves the rest of it alone. */
    void writeInto(Path page) throws IOException {
        var text = Files.readString(page);
        text = replaced(text, "figures", figures());
        if (!counts.isEmpty()) {
            text = replaced(text, "statements", statements());
        }
        Files.writeString(page, text);
    }

    private static String replaced(String text, String part, String by) {
        var begin = BEGIN.formatted(part);
        var from = text.indexOf(begin);
        var to = text.indexOf(END.formatted(part));
        if (from < 0 || to < from) {
            throw new IllegalStateException("the page has no marks for " + part);
        }
        return text.substring(0, from + begin.length()) + "\n" + by + text.substring(to);
    }
}
