package dev.runledger.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.web.RawHttp;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server as its own process, as operators meet it. */
class ServerProcessTest {

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();
    private int runs;

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Nested
    class AServerWithItsOwnDatabase {

        @Test
        void recoversFromEveryKill() throws Exception {
            int port = freePort();
            Process killed = start(port);
            awaitReady(port);
            long orphan = databaseProcess();

            Process second = start(freePort());
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(second.exitValue()).isEqualTo(1);
            assertThat(log()).contains("is in use by another running Runledger").doesNotContain("\tat ");

            killed.destroyForcibly().waitFor();
            assertThat(ProcessHandle.of(orphan).filter(ProcessHandle::isAlive)).isPresent();

            start(port);
            awaitReady(port);
            long successor = databaseProcess();
            assertThat(successor).isNotEqualTo(orphan);
            assertThat(ProcessHandle.of(successor).orElseThrow().destroyForcibly())
                    .isTrue();
            await().atMost(Duration.ofSeconds(30)).until(() -> databaseProcess() != successor);
            awaitReady(port);
            assertThat(new RawHttp(port).get("/health/live").status()).isEqualTo(200);
        }
    }

    @Nested
    class AServerThatMustNotStart {

        @Test
        void saysInOneSentenceThatItHasNoKey() throws Exception {
            assertRefused("Without an API key Runledger listens on 127.0.0.1 only", "--server.address=0.0.0.0");
        }

        @Test
        void saysInOneSentenceThatTheDatabaseIsAway() throws Exception {
            assertRefused(
                    "The database did not answer within 1 s",
                    "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + freePort() + "/runs",
                    "--runledger.start-timeout=1s");
            assertThat(log()).contains("The database is away (attempt 1");
        }

        private void assertRefused(String sentence, String... arguments) throws Exception {
            Process process = start(freePort(), arguments);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(log()).containsOnlyOnce(sentence).doesNotContain("\tat ");
        }
    }

    private Process start(int port, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RunledgerApplication.class.getName(),
                "--server.port=" + port,
                "--runledger.data-dir=" + folder.resolve("data")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("run-" + ++runs + ".log").toFile())
                .start();
        started.add(process);
        return process;
    }

    private String log() throws Exception {
        return Files.readString(folder.resolve("run-" + runs + ".log"));
    }

    private static void awaitReady(int port) {
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .until(() -> new RawHttp(port).get("/health/ready").status() == 200);
    }

    /** -1 while there is none. */
    private long databaseProcess() throws Exception {
        Path file = folder.resolve("data/postgres/18/postmaster.pid");
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        return lines.isEmpty() ? -1 : Long.parseLong(lines.getFirst().strip());
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
