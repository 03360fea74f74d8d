package dev.runledger.app.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.app.RunledgerApplication;
import dev.runledger.app.api.Auditor;
import dev.runledger.app.api.Ledger;
import dev.runledger.app.api.RunningHere;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check of the log as a run of its own. */
@Timeout(180)
class VerifyRunTest {

    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String out, String err) {}

    private static Outcome run(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var exitCode = VerifyRun.run(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), arguments);
        return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static Outcome runOn(TestDatabase database, String... arguments) {
        return run(Stream.concat(Arrays.stream(RunningHere.arguments(database)), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    @Nested
    class OnANamedDatabase {

        @Test
        void endsWithWhatItFound() {
            try (var database = TestDatabase.fresh()) {
                String id;
                try (var application = RunningHere.on(database)) {
                    var ledger = application.ledger();
                    id = ledger.start();
                    ledger.command(Ledger.of(id, "complete"), "{'output': 'secret'}");
                    var head = ledger.get("/api/v1/audit/head");

                    // Beside a running server, since the database is shared.
                    var whole = runOn(database);
                    assertThat(whole.exitCode()).as(whole.err()).isZero();
                    assertThat(whole.out())
                            .matches("ok: 2 events, 0 of them erased, in \\d+\\.\\d s; receipt 2:[0-9a-f]{64}\\R")
                            .contains("receipt 2:" + head.text("hash"));
                    assertThat(whole.err()).isEmpty();
                    var part = runOn(database, "--from=2", "--to=2", "--receipt=2:" + head.text("hash"));
                    assertThat(part.out()).startsWith("ok: 1 events");
                    assertThat(ledger.get("/health/ready").status()).isEqualTo(200);
                }
                var foreign = runOn(database, "--receipt=2:" + "0".repeat(64));
                assertThat(foreign.exitCode()).isEqualTo(1);
                assertThat(foreign.out()).startsWith("NOT OK at position 2: RECEIPT_MISMATCH.");

                new Auditor(database).tamper("update event_log.event set payload = '{}' where position = 2");
                var altered = runOn(database);
                assertThat(altered.exitCode()).isEqualTo(1);
                assertThat(altered.out())
                        .startsWith("NOT OK at position 2: PAYLOAD_ALTERED.")
                        .doesNotContain("secret", id);
                assertThat(runOn(database, "--to=1").exitCode()).isZero();
            }
        }

        @Test
        void saysThatThereIsNoLog() {
            try (var database = TestDatabase.unmigrated()) {
                var outcome = runOn(database);

                assertThat(outcome.exitCode()).isEqualTo(2);
                assertThat(outcome.err()).startsWith("Could not check the log: There is no log in this database.");
            }
        }

        @Test
        void waitsForADatabaseThatIsSlowToLetItIn() {
            try (var database = TestDatabase.fresh()) {
                // The server keeps each login waiting for so many seconds.
                var arguments = RunningHere.arguments(database);
                arguments[0] += "?options=-c%20post_auth_delay=3";
                var patient = run(arguments);
                assertThat(patient.exitCode()).as(patient.err()).isZero();

                var hasty = run(Stream.concat(
                                Arrays.stream(arguments),
                                Stream.of("--spring.datasource.hikari.connection-timeout=1000"))
                        .toArray(String[]::new));
                assertThat(hasty.exitCode()).isEqualTo(2);
                assertThat(hasty.err()).startsWith("Could not check the log: The database does not answer");
            }
        }

        @Test
        void saysThatTheDatabaseIsAway() throws Exception {
            int port;
            try (var socket = new ServerSocket(0)) {
                port = socket.getLocalPort();
            }
            var outcome = run("--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/none");

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).startsWith("Could not check the log: The database does not answer");
        }
    }

    @Nested
    class OnTheDatabaseOfAFolder {

        @Test
        void checksItWhenNoServerRunsOnIt() {
            var data = "--runledger.data-dir=" + folder;
            try (var application = RunningHere.with(data)) {
                application.ledger().start();
                var refused = run(data);
                assertThat(refused.exitCode()).isEqualTo(2);
                assertThat(refused.err())
                        .contains("is in use by another running Runledger", "GET /api/v1/audit/verify");
            }
            var outcome = run(data);
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).startsWith("ok: 1 events");
            var again = run(data);
            assertThat(again.exitCode()).as(again.err()).isZero();
        }

        @Test
        void makesNoneWhereThereIsNone() {
            var outcome = run("--runledger.data-dir=" + folder.resolve("none"));

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("There is no database in " + folder.resolve("none"));
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Nested
    class ItsArguments {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "--form=1",
                    "7",
                    "--from",
                    "--from=",
                    "--from=0",
                    "--from=x",
                    "--to=0",
                    "--receipt=",
                    "--receipt=7",
                    "--from=5 --to=4"
                })
        void areRefusedWithTheUsageWhenTheyMeanNothing(String arguments) {
            var outcome = run(arguments.split(" "));

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("Usage: java -jar runledger.jar verify");
            assertThat(outcome.out()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"-h", "--help"})
        void mayAskForTheUsage(String argument) {
            var outcome = run(argument);

            assertThat(outcome.exitCode()).isZero();
            assertThat(outcome.out())
                    .startsWith("Usage: java -jar runledger.jar verify")
                    .contains("Ends with 0");
        }
    }

    @Nested
    class AProcess {

        private Outcome start(String... arguments) throws Exception {
            var command = new ArrayList<>(List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    RunledgerApplication.class.getName(),
                    "verify"));
            command.addAll(List.of(arguments));
            var out = folder.resolve("out");
            var err = folder.resolve("err");
            var process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
        }

        @Test
        void saysItAllInOneSentence() throws Exception {
            try (var database = TestDatabase.fresh()) {
                RunningHere.on(database).close();
                var intact = start(RunningHere.arguments(database));
                assertThat(intact.exitCode()).as(intact.err()).isZero();
                assertThat(intact.out()).matches("ok: 0 events.*; receipt 0:[0-9a-f]{64}\\R");

                new Auditor(database).tamper("update event_log.head set hash = sha256(hash)");
                var altered = start(RunningHere.arguments(database));
                assertThat(altered.exitCode()).isEqualTo(1);
                assertThat(altered.out()).matches("NOT OK at position 0: HEAD_ALTERED\\..*\\R");

                var away = start("--runledger.data-dir=" + folder.resolve("none"));
                assertThat(away.exitCode()).isEqualTo(2);
                assertThat(away.out()).isEmpty();
                assertThat(away.err()).contains("Could not check the log: There is no database in");
                assertThat(away.err().lines().filter(line -> !line.startsWith("WARNING:")))
                        .hasSize(1);
            }
        }
    }
}
