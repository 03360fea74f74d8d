package dev.runledger.app.embedded;

import java.nio.file.Path;
import org.springframework.test.context.DynamicPropertyRegistry;

/** One server for every test of this run that needs just some database. */
public final class TestDatabase {

    public static final Path HOME = Path.of("target", "test-database").toAbsolutePath();
    private static final EmbeddedPostgres SERVER = EmbeddedPostgres.start(HOME, 0);
    private static final Logins LOGINS = logins();

    private TestDatabase() {}

    private static Logins logins() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                SERVER.close();
            } catch (Exception failure) {
                failure.printStackTrace();
            }
        }));
        try {
            return Logins.prepare(SERVER);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** Points the application at it as at any other database, with both logins. */
    public static void describeTo(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", LOGINS::url);
        registry.add("spring.datasource.username", () -> Logins.APPLICATION);
        registry.add("spring.datasource.password", LOGINS::applicationPassword);
        registry.add("runledger.owner.username", () -> Logins.OWNER);
        registry.add("runledger.owner.password", LOGINS::ownerPassword);
    }
}
