package dev.runledger.app.run;

import dev.runledger.app.embedded.EmbeddedPostgresAutoConfiguration;
import dev.runledger.app.startup.FolderInUse;
import dev.runledger.app.startup.StartRefused;
import dev.runledger.eventstore.LogUnavailableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The server's database, by the server's settings, for a run that does one thing and ends. Starts nothing else of the
 * server: no web, no projection, no writer, no migration.
 */
public final class LogDatabase implements AutoCloseable {

    /** One sentence on the terminal says it all; settings of the operator's win. */
    public static final List<String> QUIET = List.of(
            "logging.level.root=warn",
            "logging.level.org.springframework.context=error",
            "logging.level.org.springframework.boot.SpringApplication=off",
            "logging.level.org.springframework.boot.diagnostics=off");

    /**
     * A request is soon told that the database is away; a run can wait for one that is busy. Stands for the time in
     * {@code application.yml} alone, so that whatever an operator says of the pool wins.
     */
    private static final String PATIENCE = "runledger.run.connection-timeout=10000";

    private final ConfigurableApplicationContext context;

    private LogDatabase(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** @param defaults settings that those of {@code settings} win over */
    public static LogDatabase open(List<String> settings, List<String> defaults) {
        var arguments = new ArrayList<>(settings);
        arguments.add("--runledger.embedded.create=false");
        // Nobody listens here, so the server's rules about it do not matter.
        arguments.add("--server.address=127.0.0.1");
        return new LogDatabase(new SpringApplicationBuilder(Wiring.class)
                .web(WebApplicationType.NONE)
                .properties(PATIENCE)
                .properties(defaults.toArray(String[]::new))
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .run(arguments.toArray(String[]::new)));
    }

    /** Whether a setting of the server is given, and no argument of the run's own. */
    public static boolean isSetting(String argument) {
        return argument.matches("--[\\w-]+(\\.[\\w-]+)+=.*");
    }

    public DataSource dataSource() {
        return context.getBean(DataSource.class);
    }

    /** A setting of the server; empty when it has none. */
    public Optional<String> setting(String name) {
        return Optional.ofNullable(context.getEnvironment().getProperty(name));
    }

    @Override
    public void close() {
        context.close();
    }

    /**
     * Why it could not be done, for people.
     *
     * @param whenInUse what to do instead where a server holds the database
     */
    public static String sentence(RuntimeException failure, String whenInUse) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .flatMap(cause -> known(cause, whenInUse).stream())
                .findFirst()
                .orElseGet(() -> rootMessage(failure));
    }

    private static Optional<String> known(Throwable cause, String whenInUse) {
        if (cause instanceof FolderInUse) {
            return Optional.of(cause.getMessage() + " " + whenInUse);
        }
        if (cause instanceof StartRefused) {
            return Optional.of(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof LogUnavailableException) {
            return Optional.of("The database does not answer (" + rootMessage(cause) + ").");
        }
        return cause instanceof SQLException sql
                ? switch (String.valueOf(sql.getSQLState())) {
                    case "42P01", "3F000" -> Optional.of("There is no log in this database.");
                    case "42501" -> Optional.of("This login may not do that: " + sql.getMessage() + ".");
                    default -> Optional.<String>empty();
                }
                : Optional.empty();
    }

    private static String rootMessage(Throwable failure) {
        var root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    /** The database, and nothing else of the server. */
    @ImportAutoConfiguration({EmbeddedPostgresAutoConfiguration.class, DataSourceAutoConfiguration.class})
    static class Wiring {}
}
