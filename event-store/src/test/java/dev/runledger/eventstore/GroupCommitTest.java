package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static dev.runledger.eventstore.TestLog.event;
import static dev.runledger.eventstore.TestLog.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.eventstore.TestLog.Happened;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class GroupCommitTest {

    private static final StreamId FIRST = new StreamId("ns", "execution/first");

    private final TestLog test = new TestLog();
    private final PostgresEventStorageEngine engine = test.engine;

    @AfterEach
    void close() {
        test.close();
    }

    @Nested
    class AppendsThatWait {

        @Test
        void shareATransaction() throws SQLException {
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            try (HeldHead held = new HeldHead()) {
                appends.add(occupyWriter(engine));
                for (int i = 0; i < 20; i++) {
                    appends.add(waiting(engine, event(new StreamId("ns", "execution/" + i), 1)));
                }
            }
            appends.forEach(CompletableFuture::join);
            assertThat(test.count()).isEqualTo(21);
            assertThat(transactions()).isEqualTo(2);
        }

        @Test
        void ofOneStreamFollowEachOther() throws SQLException {
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            try (HeldHead held = new HeldHead()) {
                appends.add(occupyWriter(engine));
                appends.add(waiting(engine, event(STREAM, 1), event(STREAM, 2)));
                appends.add(waiting(engine, event(STREAM, 3)));
                appends.add(waiting(engine, event(STREAM, 4)));
            }
            appends.forEach(CompletableFuture::join);
            assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(4, 5));
            assertThat(transactions()).isEqualTo(2);
        }

        @Test
        void failAloneWhenStale() throws SQLException {
            StreamId other = new StreamId("ns", "execution/other");
            engine.appendEvents(event(STREAM, 1));
            List<CompletableFuture<Void>> good = new ArrayList<>();
            CompletableFuture<Void> stale;
            CompletableFuture<Void> overtaken;
            CompletableFuture<Void> partly;
            try (HeldHead held = new HeldHead()) {
                good.add(occupyWriter(engine));
                good.add(waiting(engine, event(STREAM, 2)));
                stale = waiting(engine, event(STREAM, 1));
                overtaken = waiting(engine, event(STREAM, 2));
                partly = waiting(engine, event(other, 1), event(STREAM, 9));
                good.add(waiting(engine, event(other, 1)));
                good.add(waiting(engine, event(STREAM, 3)));
            }
            good.forEach(CompletableFuture::join);
            assertThatThrownBy(stale::join).hasCauseInstanceOf(AggregateStreamCreationException.class);
            assertThatThrownBy(overtaken::join)
                    .hasCauseInstanceOf(ConcurrencyException.class)
                    .rootCause()
                    .isInstanceOfSatisfying(
                            VersionConflict.class,
                            conflict -> assertThat(conflict.actualVersion()).isEqualTo(2));
            assertThatThrownBy(partly::join).hasCauseInstanceOf(ConcurrencyException.class);
            assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(3, 5));
            assertThat(test.log.streamHead(other)).contains(new StreamHead(1, 4));
            assertThat(transactions()).isEqualTo(3);
        }

        @Test
        void areSplitIntoGroupsThatAreNotTooLarge() throws SQLException {
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            try (HeldHead held = new HeldHead()) {
                appends.add(occupyWriter(engine));
                for (int i = 0; i < 3; i++) {
                    appends.add(waiting(
                            engine,
                            events(new StreamId("ns", "execution/" + i), 1, 600)
                                    .toArray(DomainEventMessage<?>[]::new)));
                }
            }
            appends.forEach(CompletableFuture::join);
            assertThat(transactions()).isEqualTo(4);
        }
    }

    @Nested
    class AnAppendThatTheDatabaseRefuses {

        @Test
        void failsAloneAmongThoseThatWait() throws SQLException {
            StreamId bad = new StreamId("ns", "execution/bad");
            test.database.asSuperuser(
                    "alter table event_log.event add constraint refuses_bad check (stream <> 'execution/bad')");
            List<CompletableFuture<Void>> good = new ArrayList<>();
            CompletableFuture<Void> refused;
            try (HeldHead held = new HeldHead()) {
                good.add(occupyWriter(engine));
                good.add(waiting(engine, event(STREAM, 1)));
                refused = waiting(engine, event(bad, 1));
                good.add(waiting(engine, event(STREAM, 2)));
            }
            good.forEach(CompletableFuture::join);
            assertThatThrownBy(refused::join)
                    .cause()
                    .isInstanceOf(EventStoreException.class)
                    .isNotInstanceOf(LogUnavailableException.class);
            assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(2, 3));
            assertThat(test.log.streamHead(bad)).isEmpty();
        }
    }

    @Nested
    class APoolThatReadersHaveTaken {

        @Test
        void keepsNoAppendWaiting() throws SQLException {
            try (HikariDataSource shared = pool();
                    HikariDataSource own = pool();
                    PostgresEventStorageEngine node = PostgresEventStorageEngine.builder()
                            .dataSource(shared)
                            .appendDataSource(own)
                            .eventSerializer(TestLog.serializer())
                            .snapshotSerializer(TestLog.serializer())
                            .build();
                    Connection taken = shared.getConnection()) {
                assertThat(taken.isValid(1)).isTrue();
                node.appendEvents(event(STREAM, 1));
            }
            assertThat(test.count()).isEqualTo(1);
        }

        private HikariDataSource pool() {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(test.database.url());
            config.setUsername(test.database.applicationUser());
            config.setPassword(test.database.applicationPassword());
            config.setMaximumPoolSize(1);
            config.setConnectionTimeout(250);
            return new HikariDataSource(config);
        }
    }

    /** Out of memory, most often. */
    @Nested
    class AnErrorThatNobodyExpects {

        @Test
        void whileAThreadIsStartedLeavesNobodyWaiting() throws Exception {
            AtomicInteger started = new AtomicInteger();
            GroupCommit commits = commits(
                    test.database.application(),
                    GroupCommit.Limits.DEFAULT,
                    task -> started.getAndIncrement() == 0
                            ? new Thread(task) {
                                @Override
                                public void start() {
                                    throw new OutOfMemoryError("unable to create native thread");
                                }
                            }
                            : new Thread(task));
            try (commits) {
                CompletableFuture<?> first;
                CompletableFuture<?> abandoned;
                try (HeldHead held = new HeldHead()) {
                    first = append(commits, event(FIRST, 1));
                    await().until(() -> commits.isWriting() && commits.waiting() == 0);
                    abandoned = append(commits, event(STREAM, 1));
                    await().until(() -> commits.waiting() == 1);
                }
                first.get(20, TimeUnit.SECONDS);
                assertUnavailable(abandoned);

                List<CompletableFuture<?>> later = new ArrayList<>();
                try (HeldHead held = new HeldHead()) {
                    later.add(append(commits, event(FIRST, 2)));
                    await().until(() -> commits.isWriting() && commits.waiting() == 0);
                    later.add(append(commits, event(STREAM, 1)));
                    await().until(() -> commits.waiting() == 1);
                }
                for (CompletableFuture<?> append : later) {
                    append.get(20, TimeUnit.SECONDS);
                }
            }
            assertThat(started).hasValue(2);
            assertThat(test.count()).isEqualTo(3);
        }

        @Test
        void whileAGroupIsTakenLeavesNobodyWaiting() throws Exception {
            AtomicBoolean broken = new AtomicBoolean();
            List<NewEvent> encoded = encoded(event(STREAM, 1));
            List<NewEvent> breaking = new AbstractList<>() {
                @Override
                public NewEvent get(int index) {
                    return encoded.get(index);
                }

                @Override
                public int size() {
                    if (broken.get()) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                    return encoded.size();
                }
            };
            try (GroupCommit commits = commits(test.database.application(), GroupCommit.Limits.DEFAULT, Thread::new)) {
                CompletableFuture<?> first;
                CompletableFuture<?> abandoned;
                try (HeldHead held = new HeldHead()) {
                    first = append(commits, event(FIRST, 1));
                    await().until(() -> commits.isWriting() && commits.waiting() == 0);
                    abandoned = append(commits, breaking);
                    await().until(() -> commits.waiting() == 1);
                    broken.set(true);
                }
                first.get(20, TimeUnit.SECONDS);
                assertUnavailable(abandoned);
                append(commits, event(STREAM, 1)).get(20, TimeUnit.SECONDS);
            }
            assertThat(test.count()).isEqualTo(2);
        }

        @Test
        void whileAnOutcomeIsLookedUpLeavesItUnknown() {
            AtomicBoolean lost = new AtomicBoolean();
            DataSource losing = losing(test.database.application(), new AtomicInteger(1), (statement, connection) -> {
                statement.execute();
                lost.set(true);
            });
            DataSource breaking = proxy(DataSource.class, losing, (method, arguments) -> {
                if (lost.getAndSet(false)) {
                    throw new OutOfMemoryError("Java heap space");
                }
                return null;
            });
            try (PostgresEventStorageEngine node = engine(breaking, 100, Duration.ofSeconds(1))) {
                assertThatThrownBy(() -> node.appendEvents(event(STREAM, 1)))
                        .isInstanceOfSatisfying(
                                LogUnavailableException.class,
                                e -> assertThat(e.outcomeUnknown()).isTrue());
                node.appendEvents(event(STREAM, 2));
            }
            assertThat(test.count()).isEqualTo(2);
        }
    }

    @Nested
    class AWriterThatNeverAnswers {

        @Test
        void isWaitedForWithinABound() throws Exception {
            CountDownLatch mayGo = new CountDownLatch(1);
            DataSource stuck = proxy(DataSource.class, test.database.application(), (method, arguments) -> {
                mayGo.await();
                return null;
            });
            try (GroupCommit commits =
                    commits(stuck, GroupCommit.Limits.DEFAULT.withAnswer(Duration.ofMillis(200)), Thread::new)) {
                CompletableFuture<?> writing = append(commits, event(FIRST, 1));
                await().until(() -> commits.isWriting() && commits.waiting() == 0);
                assertUnavailable(append(commits, event(STREAM, 1)));
                assertThat(commits.waiting()).isZero();
                mayGo.countDown();
                writing.get(20, TimeUnit.SECONDS);
            }
            assertThat(test.count()).isEqualTo(1);
        }
    }

    @Nested
    class AFullQueue {

        @Test
        void isFullOfBytesToo() throws SQLException {
            GroupCommit.Limits few =
                    GroupCommit.Limits.DEFAULT.withQueueBytes(10_000).withQueue(1_000, Duration.ofMillis(100));
            try (PostgresEventStorageEngine small = PostgresEventStorageEngine.builder()
                    .dataSource(test.database.application())
                    .eventSerializer(TestLog.serializer())
                    .snapshotSerializer(TestLog.serializer())
                    .limits(few)
                    .build()) {
                List<CompletableFuture<Void>> appends = new ArrayList<>();
                try (HeldHead held = new HeldHead()) {
                    appends.add(occupyWriter(small));
                    // One always fits.
                    appends.add(waiting(small, event(STREAM, 1, new Happened("a", "x".repeat(20_000)), Map.of())));
                    assertThatThrownBy(() -> small.appendEvents(event(STREAM, 2)))
                            .isInstanceOf(LogUnavailableException.class);
                }
                appends.forEach(CompletableFuture::join);
                small.appendEvents(event(STREAM, 2));
            }
        }

        @Test
        void makesAppendsWaitAndThenRefusesThem() throws SQLException {
            try (PostgresEventStorageEngine small = engine(test.database.application(), 2, Duration.ofMillis(100))) {
                List<CompletableFuture<Void>> appends = new ArrayList<>();
                try (HeldHead held = new HeldHead()) {
                    appends.add(occupyWriter(small));
                    appends.add(waiting(small, event(STREAM, 1)));
                    appends.add(waiting(small, event(STREAM, 2)));
                    assertThatThrownBy(() -> small.appendEvents(event(STREAM, 3)))
                            .isInstanceOfSatisfying(
                                    LogUnavailableException.class,
                                    e -> assertThat(e.outcomeUnknown()).isFalse());
                }
                appends.forEach(CompletableFuture::join);
                small.appendEvents(event(STREAM, 3));
            }
        }

        @Test
        void takesAnAppendAsSoonAsThereIsRoom() throws SQLException {
            try (PostgresEventStorageEngine small = engine(test.database.application(), 1, Duration.ofSeconds(30))) {
                CompletableFuture<Void> patient;
                try (HeldHead held = new HeldHead()) {
                    var ignored = occupyWriter(small);
                    waiting(small, event(STREAM, 1));
                    patient = CompletableFuture.runAsync(() -> small.appendEvents(event(STREAM, 2)));
                }
                patient.join();
                assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(2, 3));
            }
        }
    }

    @Nested
    class Closing {

        @Test
        void drainsTheQueue() throws SQLException {
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            CompletableFuture<Void> closing;
            try (HeldHead held = new HeldHead()) {
                appends.add(occupyWriter(engine));
                for (int version = 1; version <= 5; version++) {
                    appends.add(waiting(engine, event(STREAM, version)));
                }
                closing = CompletableFuture.runAsync(engine::close);
                await().untilAsserted(() -> assertThatThrownBy(
                                () -> engine.appendEvents(event(new StreamId("ns", "late"), 2)))
                        .isInstanceOf(LogUnavailableException.class));
                assertThat(closing.isDone()).isFalse();
            }
            closing.join();
            appends.forEach(CompletableFuture::join);
            assertThat(test.count()).isEqualTo(6);
            engine.close();
        }
    }

    @Nested
    class AHeadRowThatIsHeldForTooLong {

        private final PostgresEventStorageEngine node = impatient(test.database.application());

        @AfterEach
        void close() {
            node.close();
        }

        @Test
        void isWaitedForWithinABound() throws SQLException {
            try (HeldHead held = new HeldHead()) {
                CompletableFuture<Void> append = append(node, event(STREAM, 1));
                assertUnavailable(append);
                assertThat(test.sql
                                .sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                                .query(Long.class)
                                .single())
                        .isZero();
            }
            node.appendEvents(event(STREAM, 1));
        }

        @Test
        void keepsNobodyFromClosing() throws SQLException {
            List<CompletableFuture<Void>> appends = new ArrayList<>();
            try (HeldHead held = new HeldHead()) {
                for (int version = 1; version <= 3; version++) {
                    appends.add(append(node, event(STREAM, version)));
                }
                await().until(node::isWriting);
                node.close();
                appends.forEach(GroupCommitTest::assertUnavailable);
            }
            assertThat(test.count()).isZero();
        }
    }

    @Nested
    class ADatabaseThatIsAway {

        /** Each append is a group of its own. */
        @Test
        void isWaitedForOnceByAllWhoseTimeIsUp() {
            CountDownLatch queued = new CountDownLatch(1);
            AtomicInteger tried = new AtomicInteger();
            DataSource away = proxy(DataSource.class, test.database.application(), (method, arguments) -> {
                tried.incrementAndGet();
                queued.await();
                throw new SQLTransientConnectionException("no connection is free");
            });
            try (PostgresEventStorageEngine node = impatient(away)) {
                List<CompletableFuture<Void>> appends = new ArrayList<>();
                appends.add(occupyWriter(node));
                for (int i = 0; i < 5; i++) {
                    appends.add(waiting(
                            node,
                            events(new StreamId("ns", "execution/" + i), 1, 600)
                                    .toArray(DomainEventMessage<?>[]::new)));
                }
                queued.countDown();
                appends.forEach(GroupCommitTest::assertUnavailable);
            }
            assertThat(tried).hasValue(1);
        }
    }

    @Nested
    class AnInterruptedCaller {

        @Test
        void isAnsweredLikeTheOthers() throws Exception {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            CompletableFuture<Void> other;
            try (HeldHead held = new HeldHead()) {
                var ignored = occupyWriter(engine);
                Thread caller = Thread.ofVirtual().start(() -> {
                    engine.appendEvents(event(STREAM, 1));
                    interrupted.complete(Thread.currentThread().isInterrupted());
                });
                await().until(() -> engine.waitingAppends() == 1);
                caller.interrupt();
                other = waiting(engine, event(STREAM, 2));
            }
            other.join();
            assertThat(interrupted.get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(2, 3));
        }

        @Test
        void breaksNoGroupThatItWrites() throws Exception {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            CompletableFuture<Void> other;
            try (HeldHead held = new HeldHead()) {
                Thread caller = Thread.ofVirtual().start(() -> {
                    engine.appendEvents(event(STREAM, 1));
                    interrupted.complete(Thread.currentThread().isInterrupted());
                });
                await().until(engine::isWriting);
                other = waiting(engine, event(STREAM, 2));
                caller.interrupt();
            }
            other.join();
            assertThat(interrupted.get(5, TimeUnit.SECONDS)).isTrue();
            assertThat(test.log.streamHead(STREAM)).contains(new StreamHead(2, 2));
        }
    }

    @Nested
    class ACommitWithoutAnswer {

        @Test
        void isFoundWhenItWasStored() {
            appendsOnceWith((statement, connection) -> statement.execute());
        }

        @Test
        void isRepeatedWhenItWasNot() {
            appendsOnceWith((statement, connection) -> connection.abort(Runnable::run));
        }

        @Test
        void isWaitedForWhileItIsStillRunning() {
            appendsOnceWith((statement, connection) -> CompletableFuture.runAsync(
                    () -> {
                        try {
                            statement.execute();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS)));
        }

        private void appendsOnceWith(Loss loss) {
            DataSource losing = losing(test.database.application(), new AtomicInteger(2), loss);
            try (PostgresEventStorageEngine node = engine(losing, 100, Duration.ofSeconds(1))) {
                DomainEventMessage<?> second = event(STREAM, 2);
                node.appendEvents(event(STREAM, 1));
                node.appendEvents(second);
                node.appendEvents(event(STREAM, 3));

                assertThat(test.log.readAll(0, 10).events())
                        .extracting(StoredEvent::version)
                        .containsExactly(1L, 2L, 3L);
                assertThat(test.log.readAll(1, 1).events().getFirst().eventId()).hasToString(second.getIdentifier());
            }
        }
    }

    /** Keeps the writer busy with an append that waits for the head row. */
    private static CompletableFuture<Void> occupyWriter(PostgresEventStorageEngine engine) {
        CompletableFuture<Void> append = append(engine, event(FIRST, 1));
        await().until(() -> engine.waitingAppends() == 0 && engine.isWriting());
        return append;
    }

    /** An append that is in the queue. */
    private static CompletableFuture<Void> waiting(PostgresEventStorageEngine engine, DomainEventMessage<?>... events) {
        int before = engine.waitingAppends();
        CompletableFuture<Void> append = append(engine, events);
        await().pollInterval(Duration.ofMillis(2)).until(() -> engine.waitingAppends() == before + 1);
        return append;
    }

    private static CompletableFuture<Void> append(PostgresEventStorageEngine engine, DomainEventMessage<?>... events) {
        return CompletableFuture.runAsync(
                () -> engine.appendEvents(events), task -> Thread.ofVirtual().start(task));
    }

    private GroupCommit commits(DataSource source, GroupCommit.Limits limits, ThreadFactory threads) {
        return new GroupCommit(new LogWriter(source, new Nobody(), limits), limits, threads);
    }

    /** Cares for no event. */
    private static final class Nobody implements LogWriter.Durable {

        @Override
        public void written(Written group) {}

        @Override
        public void found(long position) {}
    }

    private static List<NewEvent> encoded(DomainEventMessage<?> event) {
        return new EventEncoder(TestLog.serializer()).encode(List.of(event));
    }

    private static CompletableFuture<?> append(GroupCommit commits, DomainEventMessage<?> event) {
        return append(commits, encoded(event));
    }

    private static CompletableFuture<?> append(GroupCommit commits, List<NewEvent> events) {
        CompletableFuture<List<AppendReceipt>> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(commits.append(events));
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static void assertUnavailable(CompletableFuture<?> append) {
        assertThatThrownBy(() -> append.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        LogUnavailableException.class,
                        e -> assertThat(e.outcomeUnknown()).isFalse());
    }

    /** Tries once, and waits for the head row for half a second. */
    private static PostgresEventStorageEngine impatient(DataSource source) {
        GroupCommit.Limits defaults = GroupCommit.Limits.DEFAULT;
        return PostgresEventStorageEngine.builder()
                .dataSource(source)
                .eventSerializer(TestLog.serializer())
                .snapshotSerializer(TestLog.serializer())
                .limits(new GroupCommit.Limits(
                        defaults.queueAppends(),
                        defaults.queueBytes(),
                        defaults.queueWait(),
                        Duration.ZERO,
                        defaults.outcomePatience(),
                        Duration.ofMillis(500),
                        defaults.silence(),
                        defaults.answer(),
                        defaults.lease()))
                .build();
    }

    private static PostgresEventStorageEngine engine(DataSource source, int queued, Duration wait) {
        return PostgresEventStorageEngine.builder()
                .dataSource(source)
                .eventSerializer(TestLog.serializer())
                .snapshotSerializer(TestLog.serializer())
                .queue(queued, wait)
                .build();
    }

    private long transactions() {
        return test.sql
                .sql("select count(distinct xmin::text) from event_log.event")
                .query(Long.class)
                .single();
    }

    /** Loses the answer of one commit, the nth. */
    private static DataSource losing(DataSource source, AtomicInteger nth, Loss loss) {
        return proxy(DataSource.class, source, (method, arguments) -> {
            if (!method.getName().equals("getConnection")) {
                return null;
            }
            Connection connection = source.getConnection();
            AtomicBoolean lost = new AtomicBoolean();
            return proxy(Connection.class, connection, (called, parameters) -> {
                if (lost.get()) {
                    return Boolean.TRUE;
                }
                if (!called.getName().equals("prepareStatement") || !((String) parameters[0]).contains("commit")) {
                    return null;
                }
                PreparedStatement statement = connection.prepareStatement((String) parameters[0]);
                return proxy(PreparedStatement.class, statement, (used, values) -> {
                    if (used.getName().equals("execute") && nth.decrementAndGet() == 0) {
                        lost.set(true);
                        loss.happen(statement, connection);
                        throw new SQLException("the connection was lost", "08006");
                    }
                    return used.getName().equals("close") && lost.get() ? Boolean.TRUE : null;
                });
            });
        });
    }

    /** @param instead what to return; null calls the target */
    private static <T> T proxy(Class<T> type, T target, Instead instead) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            Object replaced = instead.of(method, arguments);
            if (replaced != null) {
                return method.getReturnType() == void.class ? null : replaced;
            }
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private interface Instead {
        @Nullable
        Object of(Method method, Object[] arguments) throws Exception;
    }

    private interface Loss {
        void happen(PreparedStatement statement, Connection connection) throws SQLException;
    }

    /** Holds the head row, as the writer of another node does. */
    private final class HeldHead implements AutoCloseable {

        private final Connection connection = test.database.owner().getConnection();

        HeldHead() throws SQLException {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("select 1 from event_log.head for update");
            }
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }
}
