package dev.runledger.app.embedded;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;

/** A PostgreSQL that an application uses as one that is not its own, and that comes and goes. */
public final class RestartablePostgres implements AutoCloseable {

    private final EmbeddedPostgres server;
    private final Logins logins;

    private RestartablePostgres(EmbeddedPostgres server, Logins logins) {
        this.server = server;
        this.logins = logins;
    }

    public static RestartablePostgres start(Path home) throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.start(home, 0);
        return new RestartablePostgres(server, Logins.prepare(server));
    }

    /** What tells the application about it. */
    public String[] arguments() {
        return new String[] {
            "--spring.datasource.url=" + logins.url(),
            "--spring.datasource.username=" + Logins.APPLICATION,
            "--spring.datasource.password=" + logins.applicationPassword(),
            "--runledger.owner.username=" + Logins.OWNER,
            "--runledger.owner.password=" + logins.ownerPassword()
        };
    }

    /** Ends it at once, as a loss of power would. */
    public void kill() {
        ProcessHandle process = ProcessHandle.of(server.processId()).orElseThrow();
        process.destroyForcibly();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !process.isAlive() || process.info().command().isEmpty());
    }

    /** Has it run, on the same port as before. */
    public void revive() throws Exception {
        server.reviveIfDead();
    }

    @Override
    public void close() throws Exception {
        server.close();
    }
}
