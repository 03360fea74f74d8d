package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.Set;
import java.util.stream.IntStream;
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

    private static final TestLog QUICK = new TestLog();
    private static final StreamId OTHER = new StreamId("ns", "execution/2");

    private final PostgresEventStorageEngine quick = QUICK.engine;
    private final PostgresEventStorageEngine slow = TestLog.engine(QUICK.database.application());

    @BeforeEach
    void begin() {
        QUICK.database.asSuperuser("update event_log.head set lease_until = null");
    }

    @AfterEach
    void closeSlow() {
        slow.close();
    }

    @AfterAll
    static void close() {
        QUICK.close();
    }

    private static long version(StreamId stream) {
        return QUICK.log.streamHead(stream).map(StreamHead::version).orElse(0L);
    }

    private static void appendNext(PostgresEventStorageEngine engine, StreamId stream) {
        engine.appendEvents(event(stream, version(stream) + 1));
    }

    /** The slow one decides, and the quick one appends before it. */
    private void isOvertaken(StreamId stream, boolean tooOften) {
        appendNext(quick, stream);
        var decided = event(stream, version(stream) + 1);
        appendNext(quick, stream);
        assertThatExceptionOfType(ConcurrencyException.class)
                .isThrownBy(() -> slow.appendEvents(decided))
                .havingCause()
                .asInstanceOf(type(VersionConflict.class))
                .satisfies(conflict -> assertThat(conflict.isLeased()).isEqualTo(tooOften));
    }

    private void isOvertakenTooOften(StreamId stream) {
        for (var n = 1; n < Overtakings.MANY; n++) {
            isOvertaken(stream, false);
        }
        isOvertaken(stream, true);
    }

    /** So that no pause of this machine ends it. */
    private static void makeLeaseLast() {
        QUICK.database.asSuperuser("update event_log.head set lease_until = 'infinity' where lease_holder is not null");
    }

    private static void assertIsLeft(PostgresEventStorageEngine engine, StreamId stream) {
        var version = version(stream);
        assertThatExceptionOfType(ConcurrencyException.class)
                .isThrownBy(() -> appendNext(engine, stream))
                .havingCause()
                .asInstanceOf(type(VersionConflict.class))
                .satisfies(conflict -> {
                    assertThat(conflict.stream()).isEqualTo(stream);
                    assertThat(conflict.expectedVersion()).isEqualTo(version);
                    assertThat(conflict.actualVersion()).isEqualTo(version);
                    assertThat(conflict.isLeased()).isFalse();
                    assertThat(conflict).hasMessageContaining("left for a moment to another writer");
                });
        assertThat(version(stream)).isEqualTo(version);
    }

    @Nested
    class IsLeftToThatWriter {

        @Test
        void untilItHasAppended() {
            isOvertakenTooOften(STREAM);
            makeLeaseLast();
            assertIsLeft(quick, STREAM);
            appendNext(slow, STREAM);
            appendNext(quick, STREAM);
            appendNext(quick, STREAM);
        }

        @Test
        void forAMomentWhenItDoesNotAppend() {
            isOvertakenTooOften(STREAM);
            var left = QUICK.sql
                    .sql("select (lease_until - clock_timestamp()) <= interval '250 milliseconds' from event_log.head")
                    .query(Boolean.class)
                    .single();
            assertThat(left).isTrue();
            QUICK.database.asSuperuser("update event_log.head set lease_until = clock_timestamp()");
            appendNext(quick, STREAM);
        }

        @Test
        void whileOtherStreamsAreEverybodys() {
            isOvertakenTooOften(STREAM);
            makeLeaseLast();
            appendNext(quick, OTHER);
            appendNext(slow, OTHER);
            appendNext(quick, OTHER);
            assertIsLeft(quick, STREAM);
        }

        @Test
        void evenWhenTheOtherIsOvertakenElsewhere() {
            isOvertakenTooOften(STREAM);
            makeLeaseLast();
            for (var n = 0; n <= Overtakings.MANY; n++) {
                var decided = event(OTHER, version(OTHER) + 1);
                appendNext(slow, OTHER);
                assertThatExceptionOfType(ConcurrencyException.class).isThrownBy(() -> quick.appendEvents(decided));
            }
            assertIsLeft(quick, STREAM);
            appendNext(slow, STREAM);
        }

        @Test
        void whoThenLeavesItToTheNext() {
            isOvertakenTooOften(STREAM);
            makeLeaseLast();
            for (var n = 0; n < Overtakings.MANY; n++) {
                assertIsLeft(quick, STREAM);
            }
            appendNext(slow, STREAM);
            var stale = event(STREAM, version(STREAM));
            assertThatExceptionOfType(ConcurrencyException.class).isThrownBy(() -> quick.appendEvents(stale));
            makeLeaseLast();
            assertIsLeft(slow, STREAM);
            appendNext(quick, STREAM);
        }
    }

    @Nested
    class IsLeftToNobody {

        @Test
        void whenItHasAppendedInBetween() {
            for (var n = 0; n < 2 * Overtakings.MANY; n++) {
                isOvertaken(STREAM, false);
                appendNext(slow, STREAM);
            }
            appendNext(quick, STREAM);
        }

        @Test
        void whenItWasOvertakenAtSeveralStreams() {
            for (var n = 0; n < Overtakings.MANY; n++) {
                isOvertaken(new StreamId("ns", "execution/of-several-" + n), false);
            }
            assertThat(QUICK.sql
                            .sql("select count(*) from event_log.head where lease_until > clock_timestamp()")
                            .query(Long.class)
                            .single())
                    .isZero();
        }

        @Test
        void whenAnAppendOfItsOwnCameFirst() {
            var overtakings = new Overtakings();
            for (var n = 0; n < 2 * Overtakings.MANY; n++) {
                assertThat(overtakings.add(Set.of(STREAM), Set.of(STREAM))).isNull();
            }
        }
    }

    @Nested
    class Overtaking {

        @Test
        void isCountedForTheStreamThatHasSeenMost() {
            var overtakings = new Overtakings();
            for (var n = 1; n < Overtakings.MANY; n++) {
                assertThat(overtakings.add(Set.of(STREAM), Set.of())).isNull();
            }
            assertThat(overtakings.add(Set.of(STREAM, OTHER), Set.of())).isEqualTo(STREAM);
        }

        @Test
        void isRememberedOfABoundedNumberOfStreams() {
            var overtakings = new Overtakings();
            IntStream.range(0, 2 * Overtakings.MAX_STREAMS)
                    .forEach(n -> overtakings.add(Set.of(new StreamId("ns", "execution/" + n)), Set.of()));
            assertThat(overtakings.size()).isEqualTo(Overtakings.MAX_STREAMS);
        }
    }

    @Test
    void theApplicationsLoginMayNotChangeAnythingElseOfTheHead() {
        assertThat(QUICK.sql.sql("""
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
