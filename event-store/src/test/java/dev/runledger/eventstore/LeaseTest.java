package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream at which one writer is overtaken again and again by another, on a node of its own. */
@Timeout(60)
class LeaseTest {

    private static final TestLog LOG = new TestLog();
    private static final StreamId OTHER = new StreamId("ns", "execution/2");

    /** So that no pause of this machine ends one. */
    private static final Duration LONG = Duration.ofHours(1);

    private final PostgresEventStorageEngine quick = engine(LONG);
    private final PostgresEventStorageEngine slow = engine(LONG);

    @BeforeEach
    void begin() {
        LOG.database.asSuperuser("update event_log.head set lease_holder = null");
        appendNext(LOG.engine, STREAM);
        appendNext(LOG.engine, OTHER);
    }

    @AfterEach
    void closeEngines() {
        quick.close();
        slow.close();
    }

    @AfterAll
    static void close() {
        LOG.close();
    }

    private static PostgresEventStorageEngine engine(Duration lease) {
        return PostgresEventStorageEngine.builder()
                .dataSource(LOG.database.application())
                .eventSerializer(TestLog.serializer())
                .snapshotSerializer(TestLog.serializer())
                .limits(GroupCommit.Limits.DEFAULT.withLease(lease))
                .build();
    }

    private static long version(StreamId stream) {
        return LOG.log.streamHead(stream).map(StreamHead::version).orElse(0L);
    }

    private static void appendNext(PostgresEventStorageEngine engine, StreamId stream) {
        engine.appendEvents(event(stream, version(stream) + 1));
    }

    private static void append(PostgresEventStorageEngine engine, int attempt, DomainEventMessage<?>... events) {
        UnitOfWork<?> unitOfWork = DefaultUnitOfWork.startAndGet(null);
        try {
            AppendAttempt.set(unitOfWork, attempt);
            engine.appendEvents(List.of(events));
        } finally {
            unitOfWork.rollback();
        }
    }

    /** The slow one decides, and the quick one appends before it. */
    private static VersionConflict overtaken(
            PostgresEventStorageEngine slow, PostgresEventStorageEngine quick, StreamId stream, int attempt) {
        DomainEventMessage<?> decided = event(stream, version(stream) + 1);
        appendNext(quick, stream);
        return conflict(slow, attempt, decided);
    }

    private static VersionConflict conflict(
            PostgresEventStorageEngine engine, int attempt, DomainEventMessage<?> event) {
        Throwable failure = catchThrowable(() -> append(engine, attempt, event));
        assertThat(failure).isInstanceOf(ConcurrencyException.class).hasCauseInstanceOf(VersionConflict.class);
        return (VersionConflict) Objects.requireNonNull(failure.getCause());
    }

    private void assertIsLeftToSlow(StreamId stream) {
        assertIsLeft(quick, stream);
    }

    private static void assertIsLeft(PostgresEventStorageEngine engine, StreamId stream) {
        long version = version(stream);
        VersionConflict conflict = conflict(engine, 1, event(stream, version + 1));
        assertThat(conflict.stream()).isEqualTo(stream);
        assertThat(conflict.isLeftToAnother()).isTrue();
        assertThat(conflict.isLeased()).isFalse();
        assertThat(conflict.expectedVersion()).isEqualTo(version);
        assertThat(conflict.actualVersion()).isEqualTo(version);
        assertThat(conflict).hasMessageContaining("left for a moment to another writer");
        assertThat(version(stream)).isEqualTo(version);
    }

    @Nested
    class AThirdAttempt {

        @Test
        void thatIsOvertakenHasTheNextTurn() {
            assertThat(overtaken(slow, quick, STREAM, 3)).satisfies(conflict -> {
                assertThat(conflict.isLeased()).isTrue();
                assertThat(conflict.isLeftToAnother()).isFalse();
            });
            assertIsLeftToSlow(STREAM);
            appendNext(slow, STREAM);
            appendNext(quick, STREAM);
            appendNext(quick, STREAM);
        }

        @Test
        void leavesOtherStreamsToEverybody() {
            overtaken(slow, quick, STREAM, 3);
            appendNext(quick, OTHER);
            appendNext(slow, OTHER);
            appendNext(quick, OTHER);
            assertIsLeftToSlow(STREAM);
        }

        @Test
        void keepsOutAnAppendToOtherStreamsAsWell() {
            overtaken(slow, quick, STREAM, 3);
            long before = version(OTHER);
            assertThatExceptionOfType(ConcurrencyException.class)
                    .isThrownBy(() -> quick.appendEvents(event(OTHER, before + 1), event(STREAM, version(STREAM) + 1)));
            assertThat(version(OTHER)).isEqualTo(before);
        }

        @Test
        void takesNoTurnFromOneWhoHasIt() {
            overtaken(slow, quick, STREAM, 3);
            assertThat(overtaken(quick, slow, OTHER, 3).isLeased()).isFalse();
            assertIsLeftToSlow(STREAM);
        }

        @Test
        void hasATurnWhenTheOneBeforeIsOver() {
            overtaken(slow, quick, STREAM, 3);
            assertIsLeftToSlow(STREAM);
            appendNext(slow, STREAM);
            assertThat(overtaken(quick, slow, STREAM, 3).isLeased()).isTrue();
            assertIsLeft(slow, STREAM);
            appendNext(quick, STREAM);
            appendNext(slow, STREAM);
        }

        @Test
        void isToldAgainThatItHasTheTurnWhenItIsStale() {
            overtaken(slow, quick, STREAM, 3);
            assertThat(conflict(slow, 4, event(STREAM, version(STREAM))).isLeased())
                    .isTrue();
            appendNext(slow, STREAM);
        }
    }

    @Nested
    class AnEarlierAttempt {

        @Test
        void thatIsOvertakenHasNoTurn() {
            for (int n = 0; n < 5; n++) {
                assertThat(overtaken(slow, quick, STREAM, 2).isLeased()).isFalse();
            }
            appendNext(quick, STREAM);
        }

        @Test
        void isEachOfWhichNothingIsSaid() {
            DomainEventMessage<?> decided = event(STREAM, version(STREAM) + 1);
            appendNext(quick, STREAM);
            for (int n = 0; n < 5; n++) {
                assertThatExceptionOfType(ConcurrencyException.class).isThrownBy(() -> slow.appendEvents(decided));
            }
            appendNext(quick, STREAM);
        }
    }

    @Nested
    class ATurn {

        @Test
        void isOverAfterAQuarterOfASecond() {
            OffsetDateTime before = now();
            overtaken(LOG.engine, quick, STREAM, 3);
            OffsetDateTime until = LOG.sql
                    .sql("select lease_until from event_log.head")
                    .query(OffsetDateTime.class)
                    .single();
            assertThat(until).isBetween(before.plus(Duration.ofMillis(250)), now().plus(Duration.ofMillis(250)));
            LOG.database.asSuperuser("update event_log.head set lease_until = clock_timestamp()");
            appendNext(quick, STREAM);
        }

        @Test
        void isOverWhenTheServersClockWasPutBack() {
            overtaken(slow, quick, STREAM, 3);
            LOG.database.asSuperuser("update event_log.head set lease_until = clock_timestamp() + interval '2 hours'");
            appendNext(quick, STREAM);
        }

        @Test
        void endsWithTheAppendAlsoWhenOthersShareItsGroup() {
            overtaken(slow, quick, STREAM, 3);
            slow.appendEvents(event(OTHER, version(OTHER) + 1), event(STREAM, version(STREAM) + 1));
            appendNext(quick, STREAM);
            appendNext(quick, OTHER);
        }

        private static OffsetDateTime now() {
            return LOG.sql
                    .sql("select clock_timestamp()")
                    .query(OffsetDateTime.class)
                    .single();
        }
    }

    @Test
    void theApplicationsLoginMayChangeNothingElseOfTheHead() {
        assertThat(LOG.sql.sql("""
                                select column_name
                                from information_schema.column_privileges
                                where table_schema = 'event_log' and table_name = 'head'
                                  and privilege_type = 'UPDATE' and grantee = 'log_application'
                                """).query(String.class).list())
                .containsExactlyInAnyOrder(
                        "position",
                        "recorded_at",
                        "hash",
                        "lease_holder",
                        "lease_namespace",
                        "lease_stream",
                        "lease_until");
    }
}
