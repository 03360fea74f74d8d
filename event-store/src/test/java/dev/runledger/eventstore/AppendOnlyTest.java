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
                    "update event_log.event set hash = hash where position = 1",
                    "insert into event_log.event select * from event_log.event where position = 1 "
                            + "on conflict (position) do update set payload = '{}'",
                    "merge into event_log.event using event_log.head on event.position = 1 when matched then delete",
                    "copy (select 1) to program 'true'",
                    "drop table event_log.event",
                    "drop schema event_log cascade",
                    "alter table event_log.event rename to old",
                    "alter table event_log.event owner to log_application",
                    "drop index event_log.event_namespace_position",
                    "create table event_log.mine (id int)",
                    "create rule mine as on insert to event_log.event do instead nothing"
                })
        void mayNotChangeEvents(String statement) {
            refused(test.database.application(), statement, "permission denied", "must be owner");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "alter table event_log.event disable trigger all",
                    "alter table event_log.event disable trigger event_refuses_update",
                    "drop trigger event_refuses_removal on event_log.event",
                    "create or replace function event_log.refuse_update() returns trigger language sql as 'select 1'",
                    "create trigger mine before insert on event_log.event for each row "
                            + "execute function event_log.refuse_update()",
                    "set session_replication_role = replica",
                    "set session authorization log_owner",
                    "set role log_owner"
                })
        void mayNotTakeTheGuardsAway(String statement) {
            refused(
                    test.database.application(),
                    statement,
                    "permission denied",
                    "must be owner",
                    "must have CREATE privilege");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "delete from event_log.head",
                    "truncate event_log.head",
                    "insert into event_log.head select 2, log_id, position, recorded_at, hash from event_log.head",
                    "update event_log.head set log_id = gen_random_uuid()",
                    "update event_log.head set id = 1",
                    "update event_log.snapshot set version = 1",
                    "truncate event_log.snapshot"
                })
        void mayWriteNoMoreOfHeadAndSnapshotsThanItNeeds(String statement) {
            refused(test.database.application(), statement, "permission denied", "must be owner");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "insert into event_log.migration (installed_rank, description, type, script, installed_by, "
                            + "execution_time, success) values (99, 'mine', 'SQL', 'V99__mine.sql', 'me', 1, true)",
                    "update event_log.migration set checksum = 1",
                    "delete from event_log.migration",
                    "truncate event_log.migration"
                })
        void mayNotRewriteTheMigrations(String statement) {
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
            refused(test.database.owner(), statement, "append only");
        }
    }

    @Nested
    class OneLoginForBoth {

        @Test
        void appendsAndMayNotChangeEither() {
            try (TestDatabase database = TestDatabase.unmigrated()) {
                EventLogMigrations.migrate(database.owner(), database.ownerUser());
                TestLog.engine(database.owner()).appendEvents(TestLog.event(TestLog.STREAM, 1));

                refused(database.owner(), UPDATE, "append only");
                refused(database.owner(), DELETE, "append only");
                refused(database.owner(), TRUNCATE, "append only");
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

    private void refused(DataSource login, String statement, String... reasons) {
        assertThatThrownBy(() -> run(login, statement)).rootCause().message().containsAnyOf(reasons);
        assertThat(test.count()).isEqualTo(2);
    }

    private static void run(DataSource login, String statement) {
        JdbcClient.create(login).sql(statement).update();
    }
}
