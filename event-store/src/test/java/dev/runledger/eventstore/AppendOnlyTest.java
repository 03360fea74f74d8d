package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.testing.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class AppendOnlyTest {

    private static final String UPDATE = "update event_log.event set payload = '{}' where position = 1";
    private static final String DELETE = "delete from event_log.event where position = 1";
    private static final String TRUNCATE = "truncate event_log.event";

    private final TestLog test = new TestLog();

    @BeforeEach
    void append() {
        test.engine.appendEvents(TestLog.events(TestLog.STREAM, 1, 2));
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Nested
    class TheApplicationsLogin {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    UPDATE,
                    DELETE,
                    TRUNCATE,
                    "delete from event_log.head",
                    "insert into event_log.head select 2, log_id, position, recorded_at, hash from event_log.head",
                    "update event_log.snapshot set version = 1",
                    "drop table event_log.event",
                    "alter table event_log.event disable trigger all",
                    "create table event_log.mine (id int)",
                    "delete from event_log.migration"
                })
        void mayNot(String statement) {
            refused(test.database.application(), statement, "permission denied", "must be owner");
        }

        @Test
        void mayHaveSchemasOfItsOwn() {
            assertThatCode(() -> run(test.database.application(), "create schema read_model"))
                    .doesNotThrowAnyException();
        }
    }

    @Nested
    class TheOwnersLogin {

        @ParameterizedTest
        @ValueSource(strings = {UPDATE, DELETE, TRUNCATE, "update event_log.event set payload = payload"})
        void mayNot(String statement) {
            refused(test.database.owner(), statement, "append only", "append only");
        }
    }

    @Nested
    class OneLoginForBoth {

        @Test
        void appendsAndMayNotChangeEither() {
            try (TestDatabase database = TestDatabase.unmigrated()) {
                EventLogMigrations.migrate(database.owner(), database.ownerUser());
                TestLog.engine(database.owner()).appendEvents(TestLog.event(TestLog.STREAM, 1));

                refused(database.owner(), UPDATE, "append only", "append only");
                refused(database.owner(), DELETE, "append only", "append only");
                refused(database.owner(), TRUNCATE, "append only", "append only");
                assertThat(new EventLog(database.owner()).head().position()).isEqualTo(1);
            }
        }
    }

    @Nested
    class ASuperuser {

        @Test
        void mayNotEitherEvenAsAReplica() {
            assertThatThrownBy(() -> test.database.asSuperuser("set session_replication_role = replica; " + DELETE))
                    .rootCause()
                    .hasMessageContaining("append only");
        }
    }

    private void refused(DataSource login, String statement, String reason, String otherReason) {
        assertThatThrownBy(() -> run(login, statement)).rootCause().message().containsAnyOf(reason, otherReason);
        assertThat(test.count()).isEqualTo(2);
    }

    private static void run(DataSource login, String statement) {
        JdbcClient.create(login).sql(statement).update();
    }
}
