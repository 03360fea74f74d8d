package dev.runledger.app.replay;

import dev.runledger.app.run.LogDatabase;
import dev.runledger.app.run.RunArguments;
import dev.runledger.query.projection.SchemaReplay;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Folds the log into tables of their own and ends: {@code java -jar runledger.jar replay}, for questions that begin with
 * "what if". Takes the server's settings of the database, and touches nothing that the server shows.
 */
public final class ReplayRun {

    /** The tables hold what was asked for. */
    static final int DONE = 0;

    /** An event could not be folded; the tables hold what comes before it. */
    static final int STOPPED = 1;

    /** Nothing was folded, or not all. */
    static final int NOT_DONE = 2;

    private static final String USAGE = """
            Usage: java -jar runledger.jar replay --schema=NAME [--from=N] [--to=N] [--namespace=NAME]
                     [--workflow=NAME] [--target-url=URL] [--replace]

            Folds the log, or a part of it, into the server's tables in another schema. What the server shows is not
            touched, and a server may run meanwhile.

              --schema=NAME     the schema to make, with the tables executions, steps, artifacts and so on
              --from=N          the first position to fold; 1 when not said. Tables then know nothing of what was before
              --to=N            the last one; the head of the log when not said
              --namespace=NAME  only executions of this namespace
              --workflow=NAME   only executions of this workflow
              --target-url=URL  the database to make the schema in, jdbc:postgresql://…; that of the log when not said.
                                With the login of the log's database, unless it names user= and password=
              --replace         drops the schema first, if an earlier replay made it
              -h, --help        this text

            The database of the log is that of the server: DATABASE_URL with DATABASE_USERNAME and DATABASE_PASSWORD,
            else the one in ./data (or --runledger.data-dir=FOLDER), as long as no server runs on it.

            Ends with 0 when everything is folded, 1 when an event cannot be, 2 when it could not be done.
            """;

    private static final Duration BETWEEN_TELLING = Duration.ofSeconds(1);
    private static final int BAR_WIDTH = 30;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final List<String> defaults;

    private ReplayRun(PrintStream out, PrintStream err, boolean terminal, List<String> defaults) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.defaults = defaults;
    }

    /** Runs with the arguments after {@code replay} and returns the exit code. */
    public static int run(String... arguments) {
        var console = System.console();
        var terminal = console != null && console.isTerminal();
        return new ReplayRun(System.out, System.err, terminal, LogDatabase.QUIET).replay(arguments);
    }

    /** As {@link #run(String...)}, leaving the log of this process as it is. */
    static int run(PrintStream out, PrintStream err, boolean terminal, String... arguments) {
        return new ReplayRun(out, err, terminal, List.of()).replay(arguments);
    }

    private int replay(String... arguments) {
        Options options;
        try {
            options = Options.of(arguments);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.println();
            err.print(USAGE);
            return NOT_DONE;
        }
        if (options.help()) {
            out.print(USAGE);
            return DONE;
        }
        try (var database = LogDatabase.open(options.settings(), defaults)) {
            var replay = new SchemaReplay(
                    database.dataSource(), target(database, options), options.schema(), options.replace());
            return tell(options, replay.run(options.part(), new Telling()));
        } catch (SchemaReplay.RefusedException e) {
            err.println(e.getMessage());
            return NOT_DONE;
        } catch (SchemaReplay.StoppedException e) {
            endOfBar();
            out.println("NOT OK: " + e.getMessage() + ". The schema " + options.schema() + " holds what is before it.");
            return STOPPED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NOT_DONE;
        } catch (RuntimeException e) {
            endOfBar();
            err.println("Could not replay the log: "
                    + LogDatabase.sentence(e, "Stop it first, or use a database of its own (DATABASE_URL)."));
            return NOT_DONE;
        }
    }

    private static DataSource target(LogDatabase database, Options options) {
        var url = options.targetUrl();
        if (url == null) {
            return database.dataSource();
        }
        var login = new Properties();
        if (!url.matches(".*[?&]user=.*")) {
            database.setting("spring.datasource.username").ifPresent(user -> login.setProperty("user", user));
            database.setting("spring.datasource.password").ifPresent(word -> login.setProperty("password", word));
        }
        login.setProperty("ApplicationName", "runledger replay");
        login.setProperty("connectTimeout", "5");
        login.setProperty("tcpKeepAlive", "true");
        login.setProperty("logServerErrorDetail", "false");
        return new DriverManagerDataSource(url, login);
    }

    private int tell(Options options, SchemaReplay.Outcome outcome) {
        endOfBar();
        out.printf(
                Locale.ROOT,
                "ok: schema %s is at position %d, %d events folded in %.1f s%n",
                options.schema(),
                outcome.position(),
                outcome.events(),
                outcome.took().toMillis() / 1e3);
        outcome.rows().forEach((table, rows) -> out.printf(Locale.ROOT, "%-16s %10d%n", table, rows));
        return DONE;
    }

    private void endOfBar() {
        if (terminal) {
            out.println();
        }
    }

    private record Options(
            boolean help,
            String schema,
            SchemaReplay.Part part,
            boolean replace,
            @Nullable String targetUrl,
            List<String> settings) {

        static Options of(String... arguments) {
            var given = RunArguments.of(
                    Set.of("--replace"),
                    Set.of("--schema", "--from", "--to", "--namespace", "--workflow", "--target-url"),
                    arguments);
            var schema = given.own().get("--schema");
            if (schema == null && !given.help()) {
                throw new IllegalArgumentException("--schema=NAME is missing");
            }
            var url = given.own().get("--target-url");
            if (url != null && !url.startsWith("jdbc:postgresql:")) {
                throw new IllegalArgumentException("--target-url is one that begins with jdbc:postgresql:");
            }
            var from = given.position("--from");
            return new Options(
                    given.help(),
                    String.valueOf(schema),
                    new SchemaReplay.Part(
                            from == null ? 1 : from,
                            given.position("--to"),
                            given.own().get("--namespace"),
                            given.own().get("--workflow")),
                    given.own().containsKey("--replace"),
                    url,
                    given.settings());
        }
    }

    /** A bar on a terminal, a line a second elsewhere. */
    private final class Telling implements SchemaReplay.Progress {

        private final long begin = System.nanoTime();
        private long next = begin + (terminal ? 0 : BETWEEN_TELLING.toNanos());

        @Override
        public void at(long position, long to, long read) {
            var now = System.nanoTime();
            if (now < next && !(terminal && position == to)) {
                return;
            }
            next = now + (terminal ? BETWEEN_TELLING.toNanos() / 5 : BETWEEN_TELLING.toNanos());
            var rate = read * 1e9 / Math.max(1, now - begin);
            var done = to == 0 ? 1 : (double) position / to;
            if (terminal) {
                var filled = (int) (done * BAR_WIDTH);
                out.printf(
                        Locale.ROOT,
                        "\r[%s%s] %3d %%  position %d of %d, %.0f events/s ",
                        "#".repeat(filled),
                        "-".repeat(BAR_WIDTH - filled),
                        (int) (done * 100),
                        position,
                        to,
                        rate);
                out.flush();
            } else {
                out.printf(Locale.ROOT, "position %d of %d, %.0f events/s%n", position, to, rate);
            }
        }
    }
}
