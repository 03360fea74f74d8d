package dev.runledger.app.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.startup.StartRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {

    @TempDir
    static Path shared;

    private Path home;
    private EmbeddedPostgres postgres;

    @BeforeEach
    void start() {
        home = shared.resolve("postgres");
        postgres = EmbeddedPostgres.start(home, 0);
    }

    @AfterEach
    void stop() throws Exception {
        postgres.close();
    }

    @Nested
    class TheServer {

        @Test
        void isDurableAndSortsTheSameEverywhere() throws Exception {
            assertThat(ask("select version()")).startsWith("PostgreSQL 18");
            assertThat(List.of(ask("show fsync"), ask("show synchronous_commit"), ask("show full_page_writes")))
                    .containsOnly("on");
            assertThat(ask("show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(ask("select datlocprovider::text || datlocale from pg_database where datname = 'runledger'"))
                    .isEqualTo("bC.UTF-8");
        }

        @Test
        void keepsWhatWasWrittenWhenItStopsAndStarts() throws Exception {
            write("create table kept as select 'kept'::text as word");
            postgres.close();
            postgres = EmbeddedPostgres.start(home, 0);
            assertThat(ask("select word from kept")).isEqualTo("kept");
        }

        @Test
        void refusesASecondOneOnTheSameFolder() {
            assertThatThrownBy(() -> EmbeddedPostgres.start(home, 0))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("in use by another running Runledger");
        }

        @Test
        void doesNotLetStrangersInWithoutAPassword() {
            String url = "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres";
            assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", "guessed"))
                    .isInstanceOf(SQLException.class)
                    .extracting(failure -> ((SQLException) failure).getSQLState())
                    .isEqualTo("28P01");
        }

        @Test
        void givesTheApplicationALoginThatIsNeitherOwnerNorSuperuser() throws Exception {
            var logins = Logins.prepare(postgres);
            try (Connection application = DriverManager.getConnection(
                            logins.url(), Logins.APPLICATION, logins.applicationPassword());
                    Connection owner =
                            DriverManager.getConnection(logins.url(), Logins.OWNER, logins.ownerPassword())) {
                owner.createStatement().execute("create schema if not exists precious");
                application.createStatement().execute("create schema if not exists disposable");
                assertThatThrownBy(() -> application.createStatement().execute("drop schema precious"))
                        .isInstanceOf(SQLException.class);
                try (var row = application
                        .createStatement()
                        .executeQuery("select bool_or(rolsuper) from pg_roles where rolname like 'runledger%'")) {
                    row.next();
                    assertThat(row.getBoolean(1)).isFalse();
                }
            }
        }
    }

    @Nested
    class AKilledServer {

        @Test
        void comesBackOnItsPortWithEverythingCommitted() throws Exception {
            write("create table committed as select 'committed'::text as word");
            int port = postgres.port();
            long killed = postgres.processId();
            try (var watchdog = Watchdog.over(postgres, Duration.ofMillis(100))) {
                kill(killed);
                await().atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .untilAsserted(() ->
                                assertThat(ask("select word from committed")).isEqualTo("committed"));
                assertThat(watchdog).isNotNull();
                assertThat(postgres.port()).isEqualTo(port);
                assertThat(postgres.processId()).isNotEqualTo(killed);
            }
        }

        @Test
        void isNoObstacleWhenItsProcessIdBelongsToAnotherProgram() throws Exception {
            write("create table recovered as select 'recovered'::text as word");
            kill(postgres.processId());
            await().until(() -> ProcessHandle.of(postgres.processId())
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
            Path recorded = home.resolve("18/postmaster.pid");
            List<String> lines = Files.readAllLines(recorded);
            lines.set(0, String.valueOf(ProcessHandle.current().pid()));
            Files.write(recorded, lines);
            postgres.close();
            postgres = EmbeddedPostgres.start(home, 0);
            assertThat(ask("select word from recovered")).isEqualTo("recovered");
        }
    }

    @Nested
    class ARefusal {

        @Test
        void namesAFolderThatCannotBeWritten() throws Exception {
            Path file = Files.writeString(shared.resolve("file-" + System.nanoTime()), "no folder");
            assertThatThrownBy(() -> EmbeddedPostgres.start(file.resolve("postgres"), 0))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("runledger.data-dir");
        }

        @Test
        void tellsRootWithoutUserNamespacesWhatToDo() {
            assertThatThrownBy(() -> PostgresPrograms.requireUserNamespace(List.of("false")))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("as another user")
                    .hasMessageContaining("DATABASE_URL");
        }

        @Test
        void namesASystemWithoutPrograms() {
            assertThatThrownBy(() -> PostgresBinaries.unpackedBelow(shared, Platform.of("Linux", "riscv64")))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("linux on riscv64");
        }
    }

    private static void kill(long process) {
        assertThat(ProcessHandle.of(process).orElseThrow().destroyForcibly()).isTrue();
    }

    private void write(String sql) throws Exception {
        try (Connection connection = asSuperuser()) {
            connection.createStatement().execute(sql);
        }
    }

    private String ask(String sql) throws Exception {
        try (Connection connection = asSuperuser();
                var row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private Connection asSuperuser() throws Exception {
        Logins logins = Logins.prepare(postgres);
        return DriverManager.getConnection(
                logins.url(), Cluster.SUPERUSER, postgres.cluster().superuserPassword());
    }
}
