package dev.runledger.app.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks after the embedded server: one that dies is started again on its port, where the pool finds it by itself. */
final class Watchdog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final EmbeddedPostgres postgres;
    private final ScheduledExecutorService rounds = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("postgres-watchdog").factory());

    private Watchdog(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    static Watchdog over(EmbeddedPostgres postgres, Duration interval) {
        var watchdog = new Watchdog(postgres);
        watchdog.rounds.scheduleWithFixedDelay(
                watchdog::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        return watchdog;
    }

    private void look() {
        try {
            postgres.reviveIfDead();
        } catch (IOException | RuntimeException failure) {
            log.error("The embedded PostgreSQL could not be started again, trying on: {}", failure.getMessage());
        }
    }

    /** Ends the rounds, then stops the server; a start that is under way ends first. */
    @Override
    public void close() throws IOException {
        rounds.shutdown();
        postgres.close();
    }
}
