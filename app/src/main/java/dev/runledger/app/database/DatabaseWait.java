package dev.runledger.app.database;

import dev.runledger.app.startup.StartRefused;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Waits for a database that is away at start-up, asking at growing intervals and saying so each time. */
final class DatabaseWait {

    private static final Logger log = LoggerFactory.getLogger(DatabaseWait.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Duration limit;
    private final long deadline;

    /** @param limit how long to wait in all, counted from here */
    DatabaseWait(Duration limit) {
        this.limit = limit;
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /**
     * @param whose the login in the words of the settings, for messages
     * @throws StartRefused when the time is up, or at once when the database answers but refuses the login
     */
    Greeting forAnswer(DriverManagerDataSource dataSource, String whose) {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = dataSource.getConnection()) {
                return Greeting.from(connection);
            } catch (SQLException failure) {
                if (refusesLogin(failure)) {
                    throw new StartRefused(
                            "The database refuses the " + whose + "'s login: " + firstLine(failure.getMessage()) + ".",
                            failure);
                }
                if (System.nanoTime() + pause.toNanos() > deadline) {
                    throw new StartRefused(
                            "The database did not answer within " + limit.toSeconds() + " s: "
                                    + firstLine(failure.getMessage()) + " Check spring.datasource.url (DATABASE_URL)"
                                    + " and that PostgreSQL runs.",
                            failure);
                }
                log.warn(
                        "The database is away (attempt {}, next in {} ms): {}",
                        attempt,
                        pause.toMillis(),
                        firstLine(failure.getMessage()));
            }
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** Wrong password or role (class 28) and unknown database (3D000) do not get better by waiting. */
    private static boolean refusesLogin(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("28") || state.equals("3D000"));
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new StartRefused("Stopped while waiting for the database.", interruption);
        }
    }
}
