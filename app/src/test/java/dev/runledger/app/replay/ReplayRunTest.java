package dev.runledger.app.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.api.Auditor;
import dev.runledger.app.api.Ledger;
import dev.runledger.app.api.Lines;
import dev.runledger.app.api.RunningHere;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The log folded into tables of their own, as a run of its own. */
@Timeout(180)
class ReplayRunTest {

    private static final List<String> TABLES = List.of(
            "executions", "execution_tags", "execution_states", "steps", "step_attempts", "artifacts", "checkpoints");

    private final TestDatabase database = TestDatabase.fresh();

    @AfterEach
    void drop() {
        database.close();
    }

    private record Outcome(int exitCode, String out, String err) {}

    private Outcome run(String... arguments) {
        return run(false, arguments);
    }

    private Outcome run(boolean terminal, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var exitCode = ReplayRun.run(
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                terminal,
                Stream.concat(Arrays.stream(RunningHere.arguments(database)), Arrays.stream(arguments))
                        .toArray(String[]::new));
        return new Outcome(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static List<String> rows(TestDatabase in, String schema, String table) {
        return JdbcClient.create(in.application())
                .sql("select t::text from " + schema + "." + table + " t order by t::text")
                .query((row, number) -> String.valueOf(row.getString(1)))
                .list();
    }

    private long count(String schema, String table) {
        return rows(database, schema, table).size();
    }

    private static Ledger write(RunningHere application) {
        var ledger = application.ledger();
        for (var i = 0; i < 3; i++) {
            assertThat(ledger.batch(Lines.eventfulRun(Ledger.newId()))).noneMatch(result -> result.has("problem"));
        }
        ledger.post("/api/v1/executions", "{'workflow': 'other'}").is(201);
        ledger.in("elsewhere").post("/api/v1/executions", "{'workflow': 'w'}").is(201);
        assertThat(ledger.get("/api/v1/executions").is(200).items()).hasSize(4);
        return ledger;
    }

    @Nested
    class OfTheWholeLog {

        @Test
        void givesTheRowsThatTheServerShowsAndLeavesThose() {
            try (var application = RunningHere.on(database)) {
                var ledger = write(application);
                var outcome = run("--schema=what_if");
                assertThat(outcome.exitCode()).as(outcome.err()).isZero();
                assertThat(outcome.out())
                        .contains("ok: schema what_if is at position 71, 71 events folded in ")
                        .containsPattern("executions +5\\R");
                for (var table : TABLES) {
                    assertThat(rows(database, "what_if", table))
                            .as(table)
                            .isEqualTo(rows(database, "read_model", table))
                            .isNotEmpty();
                }
                assertThat(ledger.get("/health/ready").status()).isEqualTo(200);
                // The state is as it was when the server looked last, which it does once a second.
                await().untilAsserted(() -> assertThat(
                                ledger.get("/api/v1/projections/read-model").text("state"))
                        .isEqualTo("RUNNING"));
            }
            var again = run("--schema=what_if");
            assertThat(again.exitCode()).isEqualTo(2);
            assertThat(again.err()).contains("The schema what_if is there already.");
            assertThat(run("--schema=what_if", "--replace").exitCode()).isZero();
        }

        @Test
        void mayGoToAnotherDatabase() {
            RunningHere.on(database).close();
            try (var application = RunningHere.on(database);
                    var other = TestDatabase.fresh()) {
                write(application);
                var outcome = run("--schema=what_if", "--target-url=" + other.url());
                assertThat(outcome.exitCode()).as(outcome.err()).isZero();
                assertThat(rows(other, "what_if", "steps")).isEqualTo(rows(database, "read_model", "steps"));
                assertThat(JdbcClient.create(database.application())
                                .sql("select to_regnamespace('what_if') is null")
                                .query(Boolean.class)
                                .single())
                        .isTrue();
            }
        }

        @Test
        void showsABarOnATerminal() {
            try (var application = RunningHere.on(database)) {
                write(application);
            }
            assertThat(run(true, "--schema=what_if").out())
                    .contains("\r[##############################] 100 %  position 71 of 71, ");
        }

        @Test
        void stopsAtAnEventThatCannotBeFolded() {
            try (var application = RunningHere.on(database)) {
                write(application);
            }
            new Auditor(database).tamper("update event_log.event set payload = '[]' where position = 5");
            var outcome = run("--schema=what_if");
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.out()).contains("NOT OK: the event at position 5 cannot be read");
            assertThat(count("what_if", "executions")).isEqualTo(1);
            // It is no event of what is asked for here.
            assertThat(run("--schema=elsewhere", "--namespace=elsewhere").exitCode())
                    .isZero();
            assertThat(run("--schema=other", "--workflow=other").exitCode()).isZero();
        }
    }

    @Nested
    class OfAPart {

        @Test
        void holdsThatPartOnly() {
            try (var application = RunningHere.on(database)) {
                write(application);
            }
            assertThat(run("--schema=upto", "--to=23").exitCode()).isZero();
            assertThat(count("upto", "executions")).isEqualTo(1);
            assertThat(run("--schema=of_w", "--workflow=w").out()).contains("70 events folded");
            assertThat(count("of_w", "executions")).isEqualTo(4);
            assertThat(run("--schema=of_ns", "--namespace=elsewhere").out()).contains("1 events folded");
            assertThat(run("--schema=of_both", "--namespace=default", "--workflow=other")
                            .out())
                    .contains("1 events folded");
            // Begins within the first execution.
            var late = run("--schema=late", "--from=6", "--to=46", "--workflow=w");
            assertThat(late.exitCode()).as(late.out() + late.err()).isZero();
            assertThat(late.out()).contains("at position 46, 41 events folded");
            assertThat(count("late", "executions")).isEqualTo(2);
        }
    }

    @Nested
    class ItsArguments {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "--from=1",
                    "--schema",
                    "--schema=a --from=0",
                    "--schema=a --from=5 --to=4",
                    "--schema=a --tables=x",
                    "--schema=a --target-url=http://x"
                })
        void areRefusedWithTheUsageWhenTheyMeanNothing(String arguments) {
            var outcome = run(arguments.split(" "));

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("Usage: java -jar runledger.jar replay");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "read_model",
                    "read_model_next",
                    "read_model_old",
                    "event_log",
                    "operations",
                    "public",
                    "pg_catalog",
                    "information_schema",
                    "x; drop schema event_log",
                    "Upper",
                    "\"quoted\""
                })
        void mayNotNameASchemaOfTheServer(String schema) {
            var outcome = run("--schema=" + schema, "--replace");

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("schema");
            assertThat(outcome.out()).isEmpty();
        }

        @Test
        void mayNotReplaceASchemaThatNoReplayMade() {
            RunningHere.on(database).close();
            JdbcClient.create(database.application())
                    .sql("create schema precious")
                    .update();
            var outcome = run("--schema=precious", "--replace");

            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.err()).contains("was not made by a replay");
        }

        @Test
        void mayAskForTheUsage() {
            assertThat(run("-h").out()).startsWith("Usage: java -jar runledger.jar replay");
        }
    }
}
