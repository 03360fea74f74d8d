package dev.runledger.benchmark;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * {@code Benchmark <runledger.jar> [<runs.ndjson>]}: start-up, memory, batch ingest, point reads and lists of the
 * packaged server, beside plain JDBC inserts in the same run. Each rate is the median of three.
 */
public final class Benchmark {

    private static final int CONNECTIONS = 64;
    private static final int EXECUTIONS = 200_000;
    private static final Pattern POSITION = Pattern.compile("\"position\":(\\d+)");
    private static final Pattern CURSOR = Pattern.compile("\"nextCursor\":\"([^\"]+)\"");

    private final Path jar;
    private final Path folder;

    private Benchmark(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws Exception {
        var folder = Files.createTempDirectory("runledger-benchmark");
        var benchmark = new Benchmark(Path.of(arguments[0]), folder);
        var runs = arguments.length > 1 && !arguments[1].isBlank()
                ? Path.of(arguments[1])
                : Runs.workflows(folder.resolve("runs.ndjson"), 150);
        System.out.printf(
                "%s, %d cores, Java %s%n",
                System.getProperty("os.name"), Runtime.getRuntime().availableProcessors(), Runtime.version());
        benchmark.run(runs);
    }

    private void run(Path runs) throws IOException, InterruptedException, SQLException {
        var data = Files.createDirectories(folder.resolve("data"));
        try (var first = Server.start(jar, data)) {
            print("ready, first start", first.readyAfter().toMillis(), "ms");
        }
        try (var server = Server.start(jar, data)) {
            print("ready, second start", server.readyAfter().toMillis(), "ms");
            TimeUnit.SECONDS.sleep(20);
            print("resident memory at rest", server.residentMiB(), "MiB");

            var raw = RawInserts.rowsPerSecond(200_000);
            print("plain JDBC inserts, 1000 a transaction", raw, "rows/s");
            long lines;
            try (var all = Files.lines(runs)) {
                lines = all.count();
            }
            var cold = batch(server, runs);
            print("batch of runs, first of its JVM", lines / cold.seconds(), "commands/s");
            print("  ratio to plain inserts", lines / cold.seconds() / raw, "");

            var executions = folder.resolve("executions.ndjson");
            var ids = Runs.executions(executions, EXECUTIONS);
            var filled = batch(server, executions);
            print(
                    "filling " + EXECUTIONS + " executions, one append each or two",
                    EXECUTIONS / filled.seconds(),
                    "executions/s");
            awaitPosition(server, filled.position());

            print(
                    "point read, " + CONNECTIONS + " connections",
                    median(
                            server,
                            () -> "/api/v1/executions/"
                                    + ids.get(ThreadLocalRandom.current().nextInt(ids.size()))),
                    "reads/s");
            print("list of 50, newest", median(server, () -> "/api/v1/executions?limit=50"), "lists/s");
            print("list of 50 by status", median(server, () -> "/api/v1/executions?status=FAILED&limit=50"), "lists/s");
            var deep = deepCursor(server);
            print(
                    "list of 50 by status, 100 pages deep",
                    median(server, () -> "/api/v1/executions?status=COMPLETED&limit=50&cursor=" + deep),
                    "lists/s");
            print("resident memory after all that", server.residentMiB(), "MiB");
        }
    }

    private record Sent(double seconds, long position) {}

    private static Sent batch(Server server, Path file) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(server.at("/api/v1/commands"))
                    .header("Content-Type", "application/x-ndjson")
                    .POST(HttpRequest.BodyPublishers.ofFile(file))
                    .build();
            var begin = System.nanoTime();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
            var position = answer.body()
                    .mapToLong(line -> {
                        var found = POSITION.matcher(line);
                        if (!found.find()) {
                            throw new IllegalStateException("a command was refused: " + line);
                        }
                        return Long.parseLong(found.group(1));
                    })
                    .max()
                    .orElseThrow();
            return new Sent((System.nanoTime() - begin) / 1e9, position);
        }
    }

    private static void awaitPosition(Server server, long position) throws IOException, InterruptedException {
        var begin = System.nanoTime();
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(server.at("/api/v1/executions?limit=1"))
                    .header("Runledger-Min-Position", String.valueOf(position))
                    .build();
            while (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        print("projection caught up after the fill", (System.nanoTime() - begin) / 1e6, "ms");
    }

    private static String deepCursor(Server server) throws IOException, InterruptedException {
        var cursor = "";
        try (var http = HttpClient.newHttpClient()) {
            for (var page = 0; page < 100; page++) {
                var path =
                        "/api/v1/executions?status=COMPLETED&limit=50" + (cursor.isEmpty() ? "" : "&cursor=" + cursor);
                var body = http.send(
                                HttpRequest.newBuilder(server.at(path)).build(), HttpResponse.BodyHandlers.ofString())
                        .body();
                var found = CURSOR.matcher(body);
                if (!found.find()) {
                    throw new IllegalStateException("the list ended early");
                }
                cursor = found.group(1);
            }
        }
        return cursor;
    }

    private static double median(Server server, Supplier<String> paths) throws IOException, InterruptedException {
        HttpLoad.getsPerSecond(server.port(), CONNECTIONS, Duration.ofSeconds(8), paths);
        var rates = new double[3];
        for (var n = 0; n < rates.length; n++) {
            rates[n] = HttpLoad.getsPerSecond(server.port(), CONNECTIONS, Duration.ofSeconds(4), paths);
        }
        Arrays.sort(rates);
        return rates[1];
    }

    private static void print(String what, double value, String unit) {
        System.out.printf("%-60s %,12.2f %s%n", what, value, unit);
    }
}
