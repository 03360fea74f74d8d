package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.TestLog.Noted;
import dev.runledger.eventstore.Verification.Intact;
import dev.runledger.eventstore.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class ErasureTest {

    private static final StreamId OTHER = new StreamId("ns", "execution/2");
    private static final String NULL_PAYLOAD =
            "update event_log.event set payload = null, payload_salt = null where position = 2";

    private final ErasableLog log = new ErasableLog();

    @BeforeEach
    void append() {
        log.append(STREAM, 1, 3);
        log.append(OTHER, 1, 3);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Nested
    class OfAStreamThatAnEventErases {

        private List<String> links;

        @BeforeEach
        void erase() {
            log.appendErasing(STREAM, 4);
            log.test.engine.storeSnapshot(TestLog.event(STREAM, 3));
            log.test.engine.storeSnapshot(TestLog.event(OTHER, 3));
            links = links();

            assertThat(log.erasure.erase(STREAM)).isEqualTo(3);
        }

        @Test
        void removesPayloadsAndSaltsBeforeThatEvent() {
            assertThat(strings("select concat_ws(' ', position, payload is null, payload_salt is null) "
                            + "from event_log.event order by position"))
                    .containsExactly("1 t t", "2 t t", "3 t t", "4 f f", "5 f f", "6 f f", "7 f f");
        }

        @Test
        void leavesEverythingElse() {
            assertThat(links()).isEqualTo(links);
            assertThat(log.verify())
                    .isInstanceOfSatisfying(
                            Intact.class, intact -> assertThat(intact.erased()).isEqualTo(3));
        }

        @Test
        void removesItsSnapshots() {
            assertThat(strings("select stream from event_log.snapshot")).containsExactly(OTHER.stream());
        }

        @Test
        void doesNothingTheSecondTime() {
            assertThat(log.erasure.erase(STREAM)).isZero();
            assertThat(links()).isEqualTo(links);
        }

        @Test
        void isReadByAxonAsErased() {
            assertThat(log.test.engine.readEvents(STREAM.aggregateIdentifier()).asStream())
                    .extracting(DomainEventMessage::getPayload)
                    .extracting(Object.class::cast)
                    .containsExactly(
                            new Erased("Happened", 1),
                            new Erased("Happened", 1),
                            new Erased("Happened", 1),
                            new Noted("erased"));
            assertThat(log.test.engine.readEvents(null, false))
                    .extracting(EventMessage::getPayload)
                    .extracting(Object.class::cast)
                    .startsWith(new Erased("Happened", 1))
                    .endsWith(new Noted("erased"));
        }

        @Test
        void isReadFromTheLogAsErased() {
            assertThat(log.test.log.readAll(0, 10).events())
                    .extracting(StoredEvent::erased)
                    .containsExactly(true, true, true, false, false, false, false);
        }

        @Test
        void takesFurtherEvents() {
            log.append(STREAM, 5, 2);
            assertThat(log.erasure.erase(STREAM)).isZero();
            log.appendErasing(STREAM, 7);
            assertThat(log.erasure.erase(STREAM)).isEqualTo(3);
            assertThat(log.verify()).isInstanceOf(Intact.class);
        }
    }

    @Nested
    class OfAStreamThatNothingErases {

        @Test
        void isRefused() {
            log.appendErasing(OTHER, 4);

            assertThatThrownBy(() -> log.erasure.erase(STREAM))
                    .isInstanceOf(NothingErasesException.class)
                    .hasMessageContaining(STREAM.toString());
            assertThatThrownBy(() -> log.erasure.erase(new StreamId("ns", "none")))
                    .isInstanceOf(NothingErasesException.class);
            assertThat(strings("select stream from event_log.event where payload is null"))
                    .isEmpty();
        }
    }

    @Nested
    class TheApplicationsLogin {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    NULL_PAYLOAD,
                    "delete from event_log.event where position = 2",
                    "truncate event_log.event",
                    "insert into event_log.erasure_type (type) values ('Happened')",
                    "delete from event_log.erasure_type",
                    "alter function event_log.erase(text, text) reset all",
                    "create or replace function event_log.refuse_update() returns trigger language sql as ''"
                })
        void mayStillNot(String statement) {
            log.appendErasing(STREAM, 4);

            assertThatThrownBy(() -> run(log.test.database.application(), statement))
                    .rootCause()
                    .message()
                    .containsAnyOf("permission denied", "must be owner");
        }

        @Test
        void cannotMakeTheFunctionReadTablesOfItsOwn() throws SQLException {
            try (Connection connection = log.test.database.application().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create schema event_log_of_mine");
                statement.execute("create table event_log_of_mine.erasure_type (type text)");
                statement.execute("insert into event_log_of_mine.erasure_type values ('Happened')");
                statement.execute("create temporary table erasure_type (type text)");
                statement.execute("insert into erasure_type values ('Happened')");
                statement.execute("set search_path = pg_temp, event_log_of_mine, pg_catalog");
                assertThatThrownBy(() -> statement.execute("select event_log.erase('ns', 'execution/1')"))
                        .hasMessageContaining("no event of this stream erases it");
                statement.execute("reset search_path");
            }
        }
    }

    @Nested
    class TheOwnersLogin {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    NULL_PAYLOAD,
                    "update event_log.event set payload = null where position = 2",
                    "update event_log.event set payload = null, payload_salt = null, revision = 2 where position = 2",
                    "update event_log.event set payload = null, payload_salt = null, metadata = '{ }' where position = 2",
                    "update event_log.event set payload = null, payload_salt = null where position = 7",
                    "update event_log.event set payload = '{}' where position = 2",
                    "delete from event_log.event where position = 2"
                })
        void mayNotEitherBesidesWhatAnEventErases(String statement) {
            if (!statement.equals(NULL_PAYLOAD)) {
                log.appendErasing(STREAM, 4);
            }

            assertThatThrownBy(() -> run(log.test.database.owner(), statement))
                    .rootCause()
                    .hasMessageContaining("append only");
        }
    }

    @Nested
    class OneLoginForBoth {

        @Test
        void erasesByTheSameRule() {
            try (TestDatabase database = TestDatabase.unmigrated()) {
                EventLogMigrations.migrate(database.owner(), database.ownerUser(), Set.of("Noted", "It's"));
                Erasure erasure = new Erasure(database.owner());
                try (PostgresEventStorageEngine engine = TestLog.engine(database.owner())) {
                    engine.appendEvents(TestLog.events(STREAM, 1, 3));
                    assertThatThrownBy(() -> erasure.erase(STREAM)).isInstanceOf(NothingErasesException.class);
                    assertThatThrownBy(() -> run(database.owner(), NULL_PAYLOAD))
                            .rootCause()
                            .hasMessageContaining("append only");
                    engine.appendEvents(TestLog.event(STREAM, 4, new Noted("erased"), Map.of()));

                    assertThat(erasure.erase(STREAM)).isEqualTo(3);
                    assertThat(new ChainVerifier(database.owner(), Set.of("Noted"))
                                    .verify(ChainVerifier.Range.ALL, (position, to, events) -> {}))
                            .isInstanceOf(Intact.class);
                }
            }
        }
    }

    @Nested
    class OtherLogins {

        @Test
        void mayNotErase() {
            log.test.database.asSuperuser(
                    "create role stranger_to_the_log; " + "grant usage on schema event_log to stranger_to_the_log");
            try {
                assertThatThrownBy(() -> log.test.database.asSuperuser(
                                "set role stranger_to_the_log; select event_log.erase('ns', 'execution/1')"))
                        .rootCause()
                        .hasMessageContaining("permission denied for function erase");
            } finally {
                log.test.database.asSuperuser("drop owned by stranger_to_the_log; drop role stranger_to_the_log");
            }
        }
    }

    private List<String> links() {
        return strings("select concat_ws(' ', position, namespace, stream, version, event_id, type, revision, "
                + "occurred_at, recorded_at, metadata::text, payload_hash, digest, hash) "
                + "from event_log.event order by position");
    }

    private List<String> strings(String sql) {
        return log.test.sql.sql(sql).query((row, number) -> row.getString(1)).list();
    }

    private static void run(DataSource login, String statement) {
        JdbcClient.create(login).sql(statement).update();
    }
}
