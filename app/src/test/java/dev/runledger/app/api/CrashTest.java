package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.newId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.RunledgerApplication;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The whole server as its own process with its own database, stopped and killed. */
@Timeout(240)
class CrashTest {

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void losesNothingWhenItIsStoppedAndStarted() throws Exception {
        var ledger = start();
        var ids = RebuildTest.write(ledger);
        var before = RebuildTest.everything(ledger, ids);

        started.getLast().destroy();
        assertThat(started.getLast().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(databaseProcess().filter(ProcessHandle::isAlive)).isEmpty();

        var again = start();
        assertThat(RebuildTest.everything(again, ids)).isEqualTo(before);
        for (var id : ids) {
            assertThat(again.batch(Lines.eventfulRun(id)))
                    .allMatch(result -> result.path("unchanged").asBoolean(false));
        }
    }

    @Test
    void losesNothingThatItAcknowledgedWhenItIsKilledWithItsDatabase() throws Exception {
        var ids = Stream.generate(Ledger::newId).limit(120).toList();
        var runs = ids.stream().map(Lines::eventfulRun).toList();
        var lines = new ArrayList<String>();
        for (var i = 0; i < runs.getFirst().size(); i++) {
            for (var run : runs) {
                lines.add(run.get(i));
            }
        }
        var ledger = start();
        var acknowledged = killedWhileTaking(lines, ledger);
        assertThat(acknowledged).hasSizeBetween(lines.size() / 6, lines.size() * 2 / 3);

        var again = start();
        for (var result : acknowledged) {
            assertThat(result.has("problem")).as(result.toString()).isFalse();
        }
        var events = new TreeMap<String, List<JsonNode>>();
        for (var id : ids) {
            var found = again.get(Ledger.of(id, "events"), "application/x-ndjson");
            events.put(id, found.status() == 404 ? List.of() : found.is(200).lines());
        }
        for (var result : acknowledged) {
            var version = result.path("version").asInt();
            var of = events.get(result.path("executionId").asString());
            assertThat(of).as(result.toString()).hasSizeGreaterThanOrEqualTo(version);
            assertThat(of.get(version - 1).path("position").asLong())
                    .as(result.toString())
                    .isEqualTo(result.path("position").asLong());
        }

        var results = again.batch(lines);
        assertThat(results).hasSameSizeAs(lines).noneMatch(result -> result.has("problem"));
        for (var result : acknowledged) {
            var repeated = results.get(result.path("line").asInt() - 1);
            assertThat(repeated.path("unchanged").booleanValue())
                    .as(repeated.toString())
                    .isTrue();
        }
        try (var database = TestDatabase.fresh();
                var clean = RunningHere.on(database)) {
            assertThat(clean.ledger().batch(lines)).noneMatch(result -> result.has("problem"));
            for (var id : ids) {
                assertThat(again.history(id)).isEqualTo(clean.ledger().history(id));
            }
        }
        assertThat(again.get(Ledger.EXECUTIONS + "?status=COMPLETED&limit=500").items())
                .hasSameSizeAs(ids);
    }

    /**
     * Only the server is killed, each time while it rebuilds the tables and at any point of that, under writers and
     * readers; whoever starts next goes on.
     */
    @Test
    void endsItsRebuildWithoutDriftHoweverOftenItIsKilledMeanwhile() throws Exception {
        var random = new Random(11);
        var over = new AtomicBoolean();
        try (var database = TestDatabase.fresh();
                var others = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable stop = () -> over.set(true)) {
            var rows = JdbcClient.create(database.application());
            var arguments = RunningHere.arguments(database);
            var port = freePort();
            var ledger = start(port, arguments);
            var first = Ledger.newId();
            ledger.batch(Lines.eventfulRun(first));
            var whole = ledger.get(Ledger.of(first) + "?include=steps,artifacts")
                    .is(200)
                    .text();
            for (var i = 0; i < 12; i++) {
                ledger.batch(Stream.generate(() -> Lines.eventfulRun(newId()))
                        .limit(50)
                        .flatMap(List::stream)
                        .toList());
            }
            var written = new CopyOnWriteArrayList<String>();
            var seen = new AtomicInteger();
            var writing = others.submit(() -> {
                while (!over.get()) {
                    var id = newId();
                    whileItLives(() -> {
                        if (ledger.batch(Lines.eventfulRun(id)).stream().noneMatch(result -> result.has("problem"))) {
                            written.add(id);
                        }
                    });
                }
            });
            var reading = others.submit(() -> {
                while (!over.get()) {
                    whileItLives(() -> {
                        var answer = ledger.get(Ledger.of(first) + "?include=steps,artifacts");
                        if (answer.status() == 503) {
                            // It has not caught up with what was written before it was killed.
                            answer.isProblem(503, "behind");
                            return;
                        }
                        assertThat(answer.is(200).text()).isEqualTo(whole);
                        if (!written.isEmpty()) {
                            var last = ledger.get(Ledger.of(written.getLast()));
                            if (last.status() != 503) {
                                assertThat(last.is(200).text("status")).isEqualTo("COMPLETED");
                            }
                        }
                        seen.incrementAndGet();
                    });
                }
            });
            var hits = 0;
            for (var round = 0; hits < 10 && round < 20; round++) {
                if (!isRebuilding(rows)) {
                    ledger.post("/api/v1/projections/read-model/rebuild", "{}").is(202);
                }
                await().pollDelay(Duration.ofMillis(random.nextInt(500))).until(() -> true);
                started.getLast().destroyForcibly();
                assertThat(started.getLast().waitFor(30, TimeUnit.SECONDS)).isTrue();
                hits += isRebuilding(rows) ? 1 : 0;
                start(port, arguments);
            }
            assertThat(hits).isEqualTo(10);
            await().atMost(Duration.ofSeconds(60)).until(() -> !isRebuilding(rows));
            over.set(true);
            writing.get();
            reading.get();
            assertThat(seen.get()).isPositive();
            assertThat(written).isNotEmpty();
            for (var id : written.subList(Math.max(0, written.size() - 100), written.size())) {
                assertThat(ledger.get(Ledger.of(id)).is(200).text("status")).isEqualTo("COMPLETED");
            }
            var report = ledger.post("/api/v1/projections/read-model/verify", "{}")
                    .is(200)
                    .json();
            assertThat(List.of(
                            report.path("missing").asLong(),
                            report.path("extra").asLong(),
                            report.path("different").asLong()))
                    .as(report.toString())
                    .containsExactly(0L, 0L, 0L);
            assertThat(ledger.get("/api/v1/projections/read-model").text("rebuild.state"))
                    .isEqualTo("DONE");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> rows.sql(
                                    "select to_regnamespace('read_model_old') is null and to_regnamespace('read_model_next') is null")
                            .query(Boolean.class)
                            .single());
            started.getLast().destroyForcibly();
            assertThat(started.getLast().waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean isRebuilding(JdbcClient rows) {
        return rows.sql("select exists (select from operations.projection_rebuild where state = 'RUNNING')")
                .query(Boolean.class)
                .single();
    }

    /** Does it, unless the server dies meanwhile or is not there. */
    private static void whileItLives(Runnable action) {
        try {
            action.run();
        } catch (UncheckedIOException e) {
            await().pollDelay(Duration.ofMillis(20)).until(() -> true);
        }
    }

    /** Sends two thirds of {@code lines}, and kills server and database when half of that came back. */
    private List<JsonNode> killedWhileTaking(List<String> lines, Ledger ledger) throws Exception {
        var acknowledged = new CopyOnWriteArrayList<JsonNode>();
        try (var socket = new Socket("127.0.0.1", ledger.port())) {
            var reader = Thread.ofVirtual().start(() -> {
                try {
                    var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                    for (var text = in.readLine(); text != null; text = in.readLine()) {
                        if (text.startsWith("{") && text.endsWith("}")) {
                            acknowledged.add(Answer.parse(text));
                        }
                    }
                } catch (IOException e) {
                    // The server is dead.
                }
            });
            var out = socket.getOutputStream();
            out.write(("POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/x-ndjson\r\nContent-Length: 100000000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (var line : lines.subList(0, lines.size() * 2 / 3)) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> acknowledged.size() >= lines.size() / 3);
            var database = databaseProcess().orElseThrow();
            started.getLast().destroyForcibly();
            database.destroyForcibly();
            assertThat(started.getLast().waitFor(30, TimeUnit.SECONDS)).isTrue();
            reader.join();
        }
        return acknowledged;
    }

    private Ledger start() throws Exception {
        return start(freePort(), "--runledger.data-dir=" + folder.resolve("data"));
    }

    private Ledger start(int port, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                RunledgerApplication.class.getName(),
                "--server.port=" + port));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("run-" + newId() + ".log").toFile())
                .start();
        started.add(process);
        var ledger = Ledger.at(port);
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .until(() -> ledger.get("/health/ready").status() == 200
                        && ledger.get(Ledger.EXECUTIONS).status() == 200);
        return ledger;
    }

    private java.util.Optional<ProcessHandle> databaseProcess() throws IOException {
        Path file = folder.resolve("data/postgres/18/postmaster.pid");
        return Files.exists(file)
                ? ProcessHandle.of(
                        Long.parseLong(Files.readAllLines(file).getFirst().strip()))
                : java.util.Optional.empty();
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
