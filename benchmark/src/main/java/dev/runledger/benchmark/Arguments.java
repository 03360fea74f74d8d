package dev.runledger.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the benchmark is asked for.
 *
 * @param home the repository's folder
 * @param runs commands as NDJSON to ingest; null for generated runs
 * @param only names of scenarios; all of them where empty
 * @param one how long one value is measured
 * @param rows how many executions the read scenarios look among
 * @param jfr where the servers record their flight; null for no recording
 */
record Arguments(
        Path home,
        @Nullable Path runs,
        List<String> only,
        Duration one,
        int rows,
        @Nullable Path jfr) {

    private static final Duration FULL = Duration.ofSeconds(3);
    private static final int ROWS = 1_000_000;

    /** @param arguments each {@code name=value}; an empty value counts as none */
    static Arguments of(String... arguments) {
        var given = new HashMap<String, String>();
        for (var argument : arguments) {
            var equals = argument.indexOf('=');
            if (equals > 0 && equals < argument.length() - 1) {
                given.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
        }
        var only = given.getOrDefault("only", "");
        return new Arguments(
                Path.of(given.getOrDefault("home", ".")).toAbsolutePath().normalize(),
                path(given.get("runs")),
                only.isEmpty() ? List.of() : List.of(only.split(",")),
                Duration.ofMillis(Math.round(1000 * Double.parseDouble(given.getOrDefault("seconds", "3")))),
                Integer.parseInt(given.getOrDefault("rows", String.valueOf(ROWS))),
                path(given.get("jfr")));
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text).toAbsolutePath();
    }

    /** Whether the figures are worth keeping: everything was measured, for long enough. */
    boolean full() {
        return only.isEmpty() && one.compareTo(FULL) >= 0 && rows >= ROWS;
    }

    Path serverJar() {
        return home.resolve("app/target/runledger.jar");
    }
}
