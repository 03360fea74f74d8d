package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.stream.Stream;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

class DatabaseAwayTest {

    @Nested
    class AnSqlState {

        @ParameterizedTest
        @CsvSource({
            "08000, connection exception",
            "08001, could not connect",
            "08003, connection does not exist",
            "08004, connection rejected",
            "08006, connection failure",
            "25006, read only: became a standby",
            "25P03, idle in transaction",
            "25P04, transaction timeout",
            "53100, disk full",
            "53200, out of memory",
            "53300, too many connections",
            "55P03, lock not available",
            "57P01, admin shutdown",
            "57P02, crash shutdown",
            "57P03, cannot connect now",
            "57P04, database dropped",
            "57P05, idle session timeout"
        })
        void saysThatTheDatabaseIsAway(String state, String meaning) {
            assertThat(thrownAs(state)).as(meaning).allMatch(DatabaseAway::isBehind);
        }

        @ParameterizedTest
        @CsvSource({
            "0A000, feature not supported",
            "22P05, untranslatable character",
            "23505, unique violation",
            "25P02, in failed transaction",
            "28P01, wrong password",
            "40001, serialization failure",
            "40P01, deadlock",
            "42501, insufficient privilege",
            "42P01, undefined table",
            "54000, program limit exceeded",
            "57014, query cancelled",
            "58030, io error",
            "XX001, data corrupted"
        })
        void saysThatTheDatabaseRefused(String state, String meaning) {
            assertThat(thrownAs(state)).as(meaning).noneMatch(DatabaseAway::isBehind);
        }

        /** As JDBC throws it, as Spring translates it, and deep below what others make of that. */
        private static List<Throwable> thrownAs(String state) {
            SQLException sql = new SQLException("x", state);
            var translated = new SQLStateSQLExceptionTranslator().translate("reading", "select 1", sql);
            return List.of(
                    sql,
                    translated == null ? sql : translated,
                    new EventStoreException("x", new IllegalStateException(new IllegalStateException(sql))));
        }
    }

    @Nested
    class AnException {

        @ParameterizedTest
        @MethodSource("dev.runledger.eventstore.DatabaseAwayTest#away")
        void saysThatTheDatabaseIsAway(Throwable failure) {
            assertThat(DatabaseAway.isBehind(failure)).isTrue();
            assertThat(DatabaseAway.isBehind(new IllegalStateException(failure)))
                    .isTrue();
        }

        @ParameterizedTest
        @MethodSource("dev.runledger.eventstore.DatabaseAwayTest#faults")
        void isAFault(Throwable failure) {
            assertThat(DatabaseAway.isBehind(failure)).isFalse();
            assertThat(DatabaseAway.isBehind(new IllegalStateException(failure)))
                    .isFalse();
        }

        @Test
        void thatCausesItselfEndsTheSearch() {
            IllegalStateException one = new IllegalStateException("one");
            one.initCause(new IllegalStateException("other", one));

            assertThat(DatabaseAway.isBehind(one)).isFalse();
        }
    }

    /** What really comes out of pool, driver and Spring. */
    @Nested
    class AConnection {

        private final TestDatabase database = TestDatabase.fresh();

        @AfterEach
        void close() {
            database.close();
        }

        @Test
        void cannotBeMadeToAServerThatIsNotThere() {
            PGSimpleDataSource nowhere = new PGSimpleDataSource();
            nowhere.setURL("jdbc:postgresql://localhost:1/none");

            assertAway(() -> JdbcClient.create(nowhere)
                    .sql("select 1")
                    .query(Integer.class)
                    .single());
        }

        @Test
        void isNotFreeInTime() throws SQLException {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(database.url());
            config.setUsername(database.applicationUser());
            config.setPassword(database.applicationPassword());
            config.setMaximumPoolSize(1);
            config.setConnectionTimeout(250);
            try (HikariDataSource pool = new HikariDataSource(config);
                    Connection taken = pool.getConnection()) {
                assertThat(taken.isValid(1)).isTrue();
                assertAway(() -> JdbcClient.create(pool)
                        .sql("select 1")
                        .query(Integer.class)
                        .single());
                assertAway(() -> new TransactionTemplate(new JdbcTransactionManager(pool)).execute(status -> 1));
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"before the statement", "before the commit", "idle for too long", "while it waits"})
        void breaksInATransactionWhoseRollbackThenFailsToo(String when) {
            for (DataSourceTransactionManager transactions : List.of(
                    new JdbcTransactionManager(database.application()),
                    new DataSourceTransactionManager(database.application()))) {
                assertAway(() -> new TransactionTemplate(transactions).execute(status -> {
                    JdbcClient jdbc = JdbcClient.create(database.application());
                    int pid = jdbc.sql("select pg_backend_pid()")
                            .query(Integer.class)
                            .single();
                    switch (when) {
                        case "before the commit" -> kill(pid);
                        case "while it waits" ->
                            jdbc.sql("select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)")
                                    .query()
                                    .singleRow();
                        default -> {
                            if (when.startsWith("idle")) {
                                jdbc.sql("set idle_in_transaction_session_timeout = 1")
                                        .update();
                                await().until(() -> !isAlive(pid));
                            } else {
                                kill(pid);
                            }
                            jdbc.sql("select 1").query(Integer.class).single();
                        }
                    }
                    return 1;
                }));
            }
        }

        @Test
        void isThereWhenAStatementIsRefused() {
            JdbcClient jdbc = JdbcClient.create(database.application());

            assertThat(DatabaseAway.isBehind(catchThrowable(
                            () -> jdbc.sql("delete from event_log.event").update())))
                    .isFalse();
        }

        private void kill(int pid) {
            database.asSuperuser("select pg_terminate_backend(" + pid + ", 5000)");
        }

        private boolean isAlive(int pid) {
            return JdbcClient.create(database.owner())
                    .sql("select exists (select from pg_stat_activity where pid = ?)")
                    .param(pid)
                    .query(Boolean.class)
                    .single();
        }

        private static void assertAway(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
            Throwable failure = catchThrowable(call);
            assertThat(failure).isNotNull();
            assertThat(DatabaseAway.isBehind(failure))
                    .as("%s caused by %s", failure, failure.getCause())
                    .isTrue();
        }
    }

    static Stream<Throwable> away() {
        TransactionSystemException overridden = new TransactionSystemException("rollback failed");
        overridden.initApplicationException(new IllegalStateException(new SQLException("x", "57P01")));
        return Stream.of(
                new LogUnavailableException("the event log is closed"),
                new SQLTransientConnectionException("no connection was free in time"),
                new SQLNonTransientConnectionException("x"),
                new SQLRecoverableException("x"),
                new SQLException("Connection is closed"),
                new DataAccessResourceFailureException("x"),
                new CannotGetJdbcConnectionException("x", new SQLException("no driver")),
                new CannotCreateTransactionException("x"),
                overridden);
    }

    static Stream<Throwable> faults() {
        TransactionSystemException overridden = new TransactionSystemException("rollback failed");
        overridden.initApplicationException(new IllegalStateException("x"));
        return Stream.of(
                new SQLException("x"),
                new SQLFeatureNotSupportedException("x"),
                new DataAccessResourceFailureException("x", new SQLException("statement too complex", "54001")),
                new DataIntegrityViolationException("x"),
                new QueryTimeoutException("x"),
                new EventStoreException("x"),
                new AppendRefusedException("x"),
                new TransactionSystemException("x"),
                overridden,
                new IOException("x"),
                new OutOfMemoryError("x"));
    }
}
