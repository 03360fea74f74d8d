package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.eventstore.testing.CrashingServer;
import dev.runledger.eventstore.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sixteen writers on three nodes with pools of their own, and a reader on each that follows live. */
@Timeout(180)
class SeveralNodesTest {

    private static final int NODES = 3;
    private static final int WRITERS = 16;

    private final Traffic traffic = new Traffic();

    @Test
    void loseRepeatAndReorderNothingWhileConnectionsBreak() throws Exception {
        try (TestDatabase database = TestDatabase.fresh();
                Nodes nodes = new Nodes(database)) {
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Integer> breaking = CompletableFuture.supplyAsync(() -> breakConnections(database, over));
            nodes.write(640, new AtomicBoolean());
            over.set(true);

            assertThat(breaking.get()).isPositive();
            assertThat(traffic.confirmed()).isGreaterThan(WRITERS * 640 / 2);
            nodes.assertThatNothingIsWrong();
        }
    }

    @Test
    void goOnByThemselvesWhenTheServerIsBack(@TempDir Path folder) throws Exception {
        try (CrashingServer server = CrashingServer.start(folder);
                Nodes nodes = new Nodes(server.database())) {
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> nodes.write(Integer.MAX_VALUE, over));
            for (int crash = 0; crash < 2; crash++) {
                awaitMoreConfirmed(writing);
                server.crash();
                server.startAgain();
            }
            awaitMoreConfirmed(writing);
            over.set(true);
            writing.get();

            nodes.assertThatNothingIsWrong();
        }
    }

    private void awaitMoreConfirmed(CompletableFuture<Void> writing) {
        int before = traffic.confirmed();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> writing.isDone() || traffic.confirmed() > before + 300);
    }

    private static int breakConnections(TestDatabase database, AtomicBoolean over) {
        int times = 0;
        while (!over.get()) {
            database.asSuperuser("""
                    select pg_terminate_backend(pid)
                    from pg_stat_activity
                    where usename = 'log_application' and datname = current_database() and random() < 0.3
                    """);
            times++;
            LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
        }
        return times;
    }

    private final class Nodes implements AutoCloseable {

        private final TestDatabase database;
        private final List<HikariDataSource> pools = new ArrayList<>();
        private final List<PostgresEventStorageEngine> engines = new ArrayList<>();
        private final List<Follower> followers = new ArrayList<>();

        Nodes(TestDatabase database) {
            this.database = database;
            for (int i = 0; i < NODES; i++) {
                HikariConfig config = new HikariConfig();
                config.setJdbcUrl(database.url());
                config.setUsername(database.applicationUser());
                config.setPassword(database.applicationPassword());
                config.setMaximumPoolSize(4);
                config.setConnectionTimeout(2_000);
                pools.add(new HikariDataSource(config));
                engines.add(TestLog.engine(pools.get(i)));
                followers.add(Follower.of(engines.get(i)));
            }
        }

        void write(int appends, AtomicBoolean over) {
            try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> done = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    PostgresEventStorageEngine node = engines.get(writer % NODES);
                    Random random = new Random(writer);
                    done.add(writers.submit(() -> {
                        for (int i = 0; i < appends && !over.get(); i++) {
                            traffic.appendTo(node, random);
                        }
                    }));
                }
                for (Future<?> one : done) {
                    one.get();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        void assertThatNothingIsWrong() {
            engines.forEach(PostgresEventStorageEngine::close);
            List<StoredEvent> stored = WholeLog.assertUnbroken(database);
            traffic.assertToldTheTruth(stored);
            for (Follower follower : followers) {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> follower.positions().size() >= stored.size());
                assertThat(follower.positions()).containsExactlyElementsOf(WholeLog.upTo(stored.size()));
            }
        }

        @Override
        public void close() throws InterruptedException {
            for (Follower follower : followers) {
                follower.close();
            }
            pools.forEach(HikariDataSource::close);
        }
    }
}
