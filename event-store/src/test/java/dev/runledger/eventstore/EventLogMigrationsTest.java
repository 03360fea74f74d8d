package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.eventstore.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class EventLogMigrationsTest {

    @Test
    void changeNothingTheSecondTime() {
        try (TestDatabase database = TestDatabase.unmigrated()) {
            EventLogMigrations.migrate(database.owner(), database.applicationUser());
            TestLog.engine(database.application()).appendEvents(TestLog.event(TestLog.STREAM, 1));
            Head head = new EventLog(database.application()).head();
            EventLogMigrations.migrate(database.owner(), database.applicationUser());

            assertThat(new EventLog(database.application()).head()).isEqualTo(head);
        }
    }

    @Test
    void waitForAnotherNodeThatGrantsAtTheSameTime() throws Exception {
        try (TestDatabase database = TestDatabase.unmigrated()) {
            EventLogMigrations.migrate(database.owner(), database.applicationUser());
            CompletableFuture<Void> other;
            try (Connection node = database.owner().getConnection();
                    Statement statement = node.createStatement()) {
                node.setAutoCommit(false);
                statement.execute(grants(database, node.getCatalog()));
                other = CompletableFuture.runAsync(
                        () -> EventLogMigrations.migrate(database.owner(), database.applicationUser()));
                await().until(() -> JdbcClient.create(database.owner())
                        .sql("""
                                select exists (
                                  select
                                  from pg_stat_activity
                                  where datname = current_database()
                                    and wait_event_type = 'Lock'
                                )
                                """)
                        .query(Boolean.class)
                        .single());
                node.commit();
            }
            other.get(30, TimeUnit.SECONDS);
        }
    }

    private static String grants(TestDatabase database, String name) throws IOException {
        try (InputStream file =
                EventLogMigrations.class.getResourceAsStream("/db/event_log/afterMigrate__grants.sql")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), UTF_8)
                    .replace("${applicationRole}", database.applicationUser())
                    .replace("${database}", name);
        }
    }

    @Test
    void takeARoleWhoseNameNeedsQuotes() {
        try (TestDatabase database = TestDatabase.unmigrated()) {
            database.asSuperuser("create role \"Odd \"\"role\"");
            EventLogMigrations.migrate(database.owner(), "Odd \"role");
            database.asSuperuser("drop owned by \"Odd \"\"role\"; drop role \"Odd \"\"role\"");
        }
    }

    @Test
    void giveEveryLogAnIdOfItsOwn() {
        try (TestDatabase one = TestDatabase.fresh();
                TestDatabase other = TestDatabase.fresh()) {
            assertThat(new EventLog(one.application()).head().logId())
                    .isNotEqualTo(new EventLog(other.application()).head().logId());
        }
    }
}
