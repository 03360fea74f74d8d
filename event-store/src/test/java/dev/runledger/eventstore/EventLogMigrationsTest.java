package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.testing.TestDatabase;
import org.junit.jupiter.api.Test;

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
