package dev.runledger.app.api;

import dev.runledger.app.RunledgerApplication;
import dev.runledger.eventstore.testing.TestDatabase;
import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application in this JVM, started and stopped by a test. */
public final class RunningHere implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private RunningHere(ConfigurableApplicationContext context) {
        this.context = context;
    }

    public static RunningHere on(TestDatabase database, String... more) {
        return with(Stream.concat(Arrays.stream(arguments(database)), Arrays.stream(more))
                .toArray(String[]::new));
    }

    /** What tells an application about the database. */
    public static String[] arguments(TestDatabase database) {
        return new String[] {
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.applicationUser(),
            "--spring.datasource.password=" + database.applicationPassword(),
            "--runledger.owner.username=" + database.ownerUser(),
            "--runledger.owner.password=" + database.ownerPassword()
        };
    }

    public static RunningHere with(String... arguments) {
        return new RunningHere(new SpringApplicationBuilder(RunledgerApplication.class)
                .run(Stream.concat(Arrays.stream(arguments), Stream.of("--server.port=0"))
                        .toArray(String[]::new)));
    }

    public Ledger ledger() {
        return Ledger.at(port());
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    @Override
    public void close() {
        context.close();
    }
}
