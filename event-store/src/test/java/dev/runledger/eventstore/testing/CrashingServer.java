package dev.runledger.eventstore.testing;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A PostgreSQL of its own for a test that stops it without notice, as a crash does, and starts it again in the
 * same folder and on the same port. Always an embedded one.
 */
public final class CrashingServer implements AutoCloseable {

    private final Path folder;
    private final TestDatabase database;
    private EmbeddedPostgres postgres;

    private CrashingServer(Path folder, EmbeddedPostgres postgres) {
        this.folder = folder;
        this.postgres = postgres;
        this.database = TestDatabase.on(TestServer.of(postgres));
    }

    /** @param folder empty */
    public static CrashingServer start(Path folder) {
        return new CrashingServer(folder, start(folder, 0));
    }

    public TestDatabase database() {
        return database;
    }

    /** Stops the server at once, without a word to its clients and without writing down what it has in memory. */
    public void crash() {
        Path pidFile = folder.resolve("postmaster.pid");
        try {
            String pid = Files.readAllLines(pidFile).getFirst().strip();
            new ProcessBuilder("kill", "-QUIT", pid).inheritIO().start();
            await().atMost(Duration.ofSeconds(20)).until(() -> !Files.exists(pidFile));
            // The library would take the lock of the server that crashed for that of one that runs.
            Files.delete(folder.resolve("epg-lock"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void startAgain() {
        postgres = start(folder, postgres.getPort());
    }

    @Override
    public void close() {
        database.close();
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres start(Path folder, int port) {
        try {
            return TestServer.embedded()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPort(port)
                    .setPGStartupWait(Duration.ofSeconds(30))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
