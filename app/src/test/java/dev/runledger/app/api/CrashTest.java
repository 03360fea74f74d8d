package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.newId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.RunledgerApplication;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
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
        var port = freePort();
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunledgerApplication.class.getName(),
                        "--server.port=" + port,
                        "--runledger.data-dir=" + folder.resolve("data"))
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
