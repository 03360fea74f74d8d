package dev.runledger.app.audit;

import dev.runledger.app.run.LogDatabase;
import dev.runledger.app.run.RunArguments;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.eventstore.ChainVerifier;
import dev.runledger.eventstore.ChainVerifier.Range;
import dev.runledger.eventstore.Receipt;
import dev.runledger.eventstore.Verification;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Checks the log and ends: {@code java -jar runledger.jar verify}, for cron. Takes the server's settings of the
 * database, and starts nothing else of the server: no web, no projection, no writer, no migration.
 */
public final class VerifyRun {

    /** The log is as it was written. */
    static final int INTACT = 0;

    /** It is not. */
    static final int BROKEN = 1;

    /** Nobody knows. */
    static final int NOT_CHECKED = 2;

    private static final String USAGE = """
            Usage: java -jar runledger.jar verify [--from=N] [--to=N] [--receipt=POSITION:HASH]

            Recomputes the hash chain of the log and tells the first position that is not as it was written.

              --from=N                 the first position to check; 1 when not said
              --to=N                   the last one; the head of the log when not said
              --receipt=POSITION:HASH  that the log must continue, from an earlier run or GET /api/v1/audit/head
              -h, --help               this text

            The database is that of the server: DATABASE_URL with DATABASE_USERNAME and DATABASE_PASSWORD, else the
            one in ./data (or --runledger.data-dir=FOLDER), as long as no server runs on it; a running server checks
            its own log with GET /api/v1/audit/verify. Any login that may read the log will do.

            Ends with 0 when everything fits, 1 when something does not, 2 when it could not be checked.
            """;

    private static final Duration BETWEEN_TELLING = Duration.ofSeconds(1);

    private final PrintStream out;
    private final PrintStream err;
    private final List<String> defaults;

    private VerifyRun(PrintStream out, PrintStream err, List<String> defaults) {
        this.out = out;
        this.err = err;
        this.defaults = defaults;
    }

    /** Runs with the arguments after {@code verify} and returns the exit code. */
    public static int run(String... arguments) {
        return new VerifyRun(System.out, System.err, LogDatabase.QUIET).check(arguments);
    }

    /** As {@link #run(String...)}, leaving the log of this process as it is. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        return new VerifyRun(out, err, List.of()).check(arguments);
    }

    private int check(String... arguments) {
        Options options;
        try {
            options = Options.of(arguments);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.println();
            err.print(USAGE);
            return NOT_CHECKED;
        }
        if (options.help()) {
            out.print(USAGE);
            return INTACT;
        }
        try (var database = LogDatabase.open(options.settings(), defaults)) {
            var verifier = new ChainVerifier(database.dataSource(), ExecutionEventTypes.erasing());
            return tell(verifier.verify(options.range(), new Telling(out)));
        } catch (RuntimeException e) {
            err.println("Could not check the log: "
                    + LogDatabase.sentence(e, "Or ask the one that runs: GET /api/v1/audit/verify."));
            return NOT_CHECKED;
        }
    }

    private int tell(Verification found) {
        return switch (found) {
            case Verification.Intact intact -> {
                out.printf(
                        Locale.ROOT,
                        "ok: %d events, %d of them erased, in %.1f s; receipt %s%n",
                        intact.events(),
                        intact.erased(),
                        VerifyLine.seconds(intact.took()),
                        intact.receipt());
                yield INTACT;
            }
            case Verification.Broken broken -> {
                out.printf("NOT OK at position %d: %s. %s%n", broken.position(), broken.reason(), broken.detail());
                yield BROKEN;
            }
        };
    }

    /**
     * What the arguments ask for.
     *
     * @param settings the server's
     */
    private record Options(boolean help, Range range, List<String> settings) {

        static Options of(String... arguments) {
            var given = RunArguments.of(Set.of(), Set.of("--from", "--to", "--receipt"), arguments);
            var receipt = given.own().get("--receipt");
            var from = given.position("--from");
            return new Options(
                    given.help(),
                    new Range(
                            from == null ? 1 : from,
                            given.position("--to"),
                            receipt == null ? null : Receipt.parse(receipt)),
                    given.settings());
        }
    }

    private static final class Telling implements ChainVerifier.Progress {

        private final PrintStream out;
        private final long begin = System.nanoTime();
        private long next = begin + BETWEEN_TELLING.toNanos();

        Telling(PrintStream out) {
            this.out = out;
        }

        @Override
        public void at(long position, long to, long events) {
            var now = System.nanoTime();
            if (now >= next) {
                next = now + BETWEEN_TELLING.toNanos();
                out.printf(
                        Locale.ROOT, "position %d of %d, %.0f events/s%n", position, to, events * 1e9 / (now - begin));
            }
        }
    }
}
