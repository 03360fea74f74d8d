package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.eventstore.BadWire.Fault;
import dev.runledger.eventstore.TestLog.Noted;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of appends and readers when commits or answers are lost on the wire. */
@Timeout(60)
class BadWireTest {

    private static final Duration NEVER = Duration.ofDays(1);

    private final TestLog test = new TestLog();
    private final BadWire wire = new BadWire(test.database);
    private final PostgresEventStorageEngine node = engine(Duration.ofSeconds(2), Duration.ofSeconds(30));

    @AfterEach
    void close() {
        wire.close();
        node.close();
        test.close();
    }

    @Nested
    class AnAnswerThatIsLost {

        @Test
        void leavesAnAppendThatIsStored() {
            node.appendEvents(event(STREAM, 1));
            wire.breakCommits(Fault.ANSWER_LOST, 1);

            assertIsAppendedOnce(event(STREAM, 2), 2);
        }

        @Test
        void leavesReadersOfThisNodeAwake() throws InterruptedException {
            PostgresEventStore store = PostgresEventStore.builder()
                    .storageEngine(node)
                    .polling(new Tail.Polling(NEVER, NEVER))
                    .build();
            try (Follower follower = new Follower(store)) {
                for (long version = 1; version <= 3; version++) {
                    wire.breakCommits(Fault.ANSWER_LOST, version == 3 ? 1 : 0);
                    node.appendEvents(event(STREAM, version));
                    List<Long> expected = WholeLog.upTo(version);
                    await().until(() -> follower.positions().equals(expected));
                }
                assertThat(wire.broken()).isEqualTo(1);
            }
        }

        @Test
        void isToldWhenTheDatabaseThenStaysAway() {
            wire.breakCommits(Fault.ANSWER_LOST_AND_SERVER_AWAY, 1);
            try (PostgresEventStorageEngine impatient = engine(Duration.ofMillis(300), Duration.ofSeconds(30))) {
                assertThatThrownBy(() -> impatient.appendEvents(event(STREAM, 1)))
                        .isInstanceOfSatisfying(
                                LogUnavailableException.class,
                                e -> assertThat(e.outcomeUnknown()).isTrue());
            }
            assertThat(test.count()).isEqualTo(1);
        }
    }

    @Nested
    class AnAnswerThatNeverComes {

        @Test
        void isWaitedForNoLongerThanAServerMayBeSilent() throws Exception {
            try (PostgresEventStorageEngine impatient = engine(Duration.ofSeconds(2), Duration.ofMillis(500))) {
                wire.breakCommits(Fault.ANSWER_NEVER_COMES, 1);
                append(impatient, event(STREAM, 1)).get(20, TimeUnit.SECONDS);
            }
            assertThat(wire.broken()).isEqualTo(1);
            assertThat(WholeLog.assertUnbroken(test.database)).hasSize(1);
        }
    }

    @Nested
    class AServerThatStopsReading {

        /** The wire holds a small part of the append, so that its sender waits for room and not for an answer. */
        @Test
        void isWaitedForNoLongerThanOneThatSaysNothing() throws Exception {
            DomainEventMessage<?> large = event(STREAM, 1, new Noted("x".repeat(4_000_000)), Map.of());
            try (PostgresEventStorageEngine impatient = engine(Duration.ofSeconds(1), Duration.ofMillis(500))) {
                wire.breakCommits(Fault.CLOGGED, 1);
                assertThatThrownBy(() -> append(impatient, large).get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                LogUnavailableException.class,
                                e -> assertThat(e.outcomeUnknown()).isTrue());
                wire.deliver(false);
                append(impatient, large).get(20, TimeUnit.SECONDS);
            }
            assertThat(wire.broken()).isEqualTo(1);
            assertThat(WholeLog.assertUnbroken(test.database)).hasSize(1);
        }
    }

    @Nested
    class AServerThatFallsSilent {

        /** Written and read over one pool, as in a node. */
        @Test
        void isAwayForWritersAndReadersUntilItSpeaksAgain() throws Exception {
            HikariConfig config = new HikariConfig();
            config.setDataSource(wire.dataSource());
            config.setMaximumPoolSize(3);
            config.setValidationTimeout(250);
            try (HikariDataSource pool = new HikariDataSource(config);
                    PostgresEventStorageEngine impatient =
                            engine(pool, Duration.ofSeconds(20), Duration.ofSeconds(2), Duration.ofMillis(500));
                    Follower follower = Follower.of(impatient)) {
                impatient.appendEvents(event(STREAM, 1));
                await().until(() -> follower.positions().equals(WholeLog.upTo(1)));
                wire.silence();

                append(impatient, event(STREAM, 2)).get(20, TimeUnit.SECONDS);
                await().until(() -> follower.positions().equals(WholeLog.upTo(2)));
            }
        }
    }

    @Nested
    class ACommitThatIsLost {

        @Test
        void isRepeated() {
            node.appendEvents(event(STREAM, 1));
            wire.breakCommits(Fault.COMMIT_LOST, 1);

            assertIsAppendedOnce(event(STREAM, 2), 2);
        }

        @Test
        void isNotRepeatedForEver() {
            wire.breakCommits(Fault.COMMIT_LOST, Integer.MAX_VALUE);

            assertThatThrownBy(() -> append(node, event(STREAM, 1)).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            LogUnavailableException.class,
                            e -> assertThat(e.outcomeUnknown()).isFalse());
            assertThat(wire.broken()).isGreaterThan(1);
            assertThat(test.count()).isZero();

            wire.breakCommits(Fault.NONE, 0);
            node.appendEvents(event(STREAM, 1));
        }
    }

    @Nested
    class ACommitThatIsStillUnderWay {

        @Test
        void isWaitedForAndFound() throws Exception {
            assertIsAppendedOnce(true);
        }

        @Test
        void isWaitedForAndRepeatedWhenItNeverArrives() throws Exception {
            assertIsAppendedOnce(false);
        }

        private void assertIsAppendedOnce(boolean arrives) throws Exception {
            node.appendEvents(event(STREAM, 1));
            wire.breakCommits(Fault.COMMIT_UNDER_WAY, 1);
            DomainEventMessage<?> second = event(STREAM, 2);
            CompletableFuture<Void> append = append(node, second);
            await().until(() -> waitsForTheHeadRow() || append.isDone());
            assertThat(append.isDone()).isFalse();
            wire.deliver(arrives);

            append.get(30, TimeUnit.SECONDS);
            assertIsStored(second, 2);
        }

        private boolean waitsForTheHeadRow() {
            return test.sql.sql("""
                            select exists (
                              select
                              from pg_stat_activity
                              where datname = current_database()
                                and wait_event_type = 'Lock'
                                and query like '%event_log.head%'
                            )
                            """).query(Boolean.class).single();
        }
    }

    private void assertIsAppendedOnce(DomainEventMessage<?> event, int version) {
        node.appendEvents(event);

        assertThat(wire.broken()).isEqualTo(1);
        assertIsStored(event, version);
    }

    private void assertIsStored(DomainEventMessage<?> event, int version) {
        assertThat(WholeLog.assertUnbroken(test.database))
                .hasSize(version)
                .last()
                .satisfies(stored -> assertThat(stored.eventId()).hasToString(event.getIdentifier()));
        node.appendEvents(event(STREAM, version + 1));
    }

    private static CompletableFuture<Void> append(PostgresEventStorageEngine engine, DomainEventMessage<?> event) {
        return CompletableFuture.runAsync(
                () -> engine.appendEvents(event), task -> Thread.ofVirtual().start(task));
    }

    private PostgresEventStorageEngine engine(Duration outcomePatience, Duration silence) {
        return engine(wire.dataSource(), Duration.ofSeconds(1), outcomePatience, silence);
    }

    private static PostgresEventStorageEngine engine(
            DataSource source, Duration patience, Duration outcomePatience, Duration silence) {
        GroupCommit.Limits defaults = GroupCommit.Limits.DEFAULT;
        return PostgresEventStorageEngine.builder()
                .dataSource(source)
                .eventSerializer(TestLog.serializer())
                .snapshotSerializer(TestLog.serializer())
                .limits(new GroupCommit.Limits(
                        defaults.queueAppends(),
                        defaults.queueBytes(),
                        defaults.queueWait(),
                        patience,
                        outcomePatience,
                        defaults.headWait(),
                        silence,
                        defaults.answer(),
                        defaults.lease()))
                .build();
    }
}
