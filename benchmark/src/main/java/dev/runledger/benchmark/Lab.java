package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whatever scenarios measure, started when it is first asked for, and kept warm until the end. */
final class Lab implements AutoCloseable {

    /** The ledger over HTTP. */
    static final String LEDGER = "ledger";

    /** The ledger with its callers inside. */
    static final String IN_PROCESS = "ledger_in_process";

    /** Axon's default. */
    static final String AXON = "axon";

    /** Plain JDBC. */
    static final String RAW = "raw";

    private static final Duration SETTLING = Duration.ofMinutes(3);

    /** The fewest and the most rounds, each as long as a value is measured, in which somebody is warmed up. */
    private static final int FEWEST_ROUNDS = 4;

    private static final int MOST_ROUNDS = 40;

    /** Who did not get faster by so much in so many rounds is warm. */
    private static final double FASTER = 1.03;

    private static final int LAST_ROUNDS = 4;

    private final Arguments arguments;
    private final Path folder;
    private final Postgres postgres;
    private final List<String> ledgers = new ArrayList<>();
    private final Set<String> warm = new HashSet<>();
    private @Nullable Server ledger;
    private @Nullable Child inProcess;
    private @Nullable Child axon;
    private @Nullable Child jpa;
    private @Nullable RawJdbc raw;

    private Lab(Arguments arguments, Path folder, Postgres postgres) {
        this.arguments = arguments;
        this.folder = folder;
        this.postgres = postgres;
    }

    /** @param folder for logs and data; removed by whoever made it */
    static Lab open(Arguments arguments, Path folder) throws IOException, SQLException {
        return new Lab(arguments, folder, Postgres.start(folder.resolve("postgres.log")));
    }

    /** How long one value is measured. */
    Duration one() {
        return arguments.one();
    }

    Arguments arguments() {
        return arguments;
    }

    Path folder() {
        return folder;
    }

    Postgres postgres() {
        return postgres;
    }

    /** The packaged server, as it is shipped. */
    Server ledger() throws IOException, InterruptedException, SQLException {
        if (ledger == null) {
            ledger = Server.start(
                    arguments.serverJar(),
                    folder.resolve("ledger.log"),
                    recording(""),
                    postgres.ledgerDatabase(LEDGER));
            ledgers.add(LEDGER);
        }
        return ledger;
    }

    /** The packaged server with callers in its process. */
    Child inProcess() throws IOException, SQLException {
        if (inProcess == null) {
            inProcess = Child.start(
                    "dev.runledger.benchmark.ledger.InProcess",
                    arguments.serverJar() + ":" + classesForTheServer(),
                    folder.resolve("in-process.log"),
                    recording("in-process-"),
                    postgres.ledgerDatabase(IN_PROCESS));
            ledgers.add(IN_PROCESS);
        }
        return inProcess;
    }

    /** Axon's default set-up. */
    Child axon() throws IOException, SQLException {
        if (axon == null) {
            postgres.create(AXON);
            try (var tables = Objects.requireNonNull(Lab.class.getResourceAsStream("axon/tables.sql"))) {
                postgres.execute(AXON, new String(tables.readAllBytes(), StandardCharsets.UTF_8));
            }
            axon = Child.start(
                    "dev.runledger.benchmark.axon.AxonDefault",
                    JavaProcess.classPathWithout("nothing"),
                    folder.resolve("axon.log"),
                    List.of(),
                    postgres.arguments(AXON));
        }
        return axon;
    }

    /** Spring Data JPA on the tables of {@link #ledger}. */
    Child jpa() throws IOException {
        if (jpa == null) {
            jpa = Child.start(
                    "dev.runledger.benchmark.jpa.JpaReads",
                    JavaProcess.classPathWithout("axon-"),
                    folder.resolve("jpa.log"),
                    List.of(),
                    postgres.arguments(LEDGER));
        }
        return jpa;
    }

    /** Plain JDBC. */
    RawJdbc raw() throws SQLException {
        if (raw == null) {
            postgres.create(RAW);
            raw = RawJdbc.prepare(postgres);
        }
        return raw;
    }

    /**
     * Lets {@code what} run until it gets no faster, the first time that it is asked for: a server's code is compiled
     * for a minute or more beside its work where there are two cores.
     */
    void warm(String what, Warming load) throws Exception {
        if (!warm.add(what)) {
            return;
        }
        Report.progress("warming up " + what);
        var best = 0.0;
        var lastBest = 0;
        for (var round = 1; round <= MOST_ROUNDS; round++) {
            var reached = load.run(one()).figure();
            settle();
            if (reached > best * FASTER) {
                best = reached;
                lastBest = round;
            }
            if (round >= FEWEST_ROUNDS && round - lastBest >= LAST_ROUNDS) {
                return;
            }
        }
    }

    /** What is not measured. */
    @FunctionalInterface
    interface Warming {
        Sample run(Duration duration) throws Exception;
    }

    /** {@code round} while the projection of a ledger stands still. */
    Rounds.Round logOnly(String database, Rounds.Round round) {
        return () -> {
            holdProjection(database);
            try {
                return round.measure();
            } finally {
                releaseProjection(database);
            }
        };
    }

    /** Makes the projection of a ledger stand still: another node seems to be at it. */
    void holdProjection(String database) throws SQLException {
        postgres.execute(database, """
                update read_model.projection_token
                set owner = 'benchmark',
                  claimed_at = clock_timestamp() + interval '1 hour'
                """);
    }

    /** Lets the projection go on, within a second or so. */
    void releaseProjection(String database) throws SQLException {
        postgres.execute(database, """
                update read_model.projection_token
                set owner = null
                """);
    }

    /** Waits until the ledgers' projections have nothing left to do. */
    void settle() throws SQLException, InterruptedException {
        var end = System.nanoTime() + SETTLING.toNanos();
        for (var each : ledgers) {
            while (backlog(each) > 0) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("the projection of " + each + " does not catch up");
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    /** Events in the log of {@code database} that its read tables do not show. */
    private long backlog(String database) throws SQLException {
        return postgres.number(database, """
                select head.position - token.position
                from event_log.head, read_model.projection_token token
                """);
    }

    /** Lets a JVM record its flight, where asked for. */
    private List<String> recording(String prefix) {
        var jfr = arguments.jfr();
        return jfr == null
                ? List.of()
                : List.of("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
                        + jfr.resolveSibling(prefix + jfr.getFileName()));
    }

    /** Only what drives the server: it would find the baselines' beans, were they on its class path. */
    private Path classesForTheServer() throws IOException {
        var from = arguments.home().resolve("benchmark/target/classes");
        var to = folder.resolve("classes");
        for (var part : List.of("ledger", "load")) {
            var path = Path.of("dev", "runledger", "benchmark", part);
            Files.createDirectories(to.resolve(path));
            try (var files = Files.list(from.resolve(path))) {
                for (var file : files.toList()) {
                    Files.copy(file, to.resolve(path).resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return to;
    }

    /** Ends what callers inside the server's process need. */
    void closeInProcess() throws IOException, InterruptedException {
        if (inProcess != null) {
            inProcess.close();
            inProcess = null;
            ledgers.remove(IN_PROCESS);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException, SQLException {
        closeInProcess();
        if (raw != null) {
            raw.close();
        }
        for (var child : new Child[] {axon, jpa}) {
            if (child != null) {
                child.close();
            }
        }
        if (ledger != null) {
            ledger.close();
        }
        postgres.close();
    }
}
