package dev.runledger.eventstore.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.eventstore.EventLogMigrations;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own for a test, with a migrated and empty event log, on a PostgreSQL that all tests
 * of one JVM share. Making one takes some 50 ms; closing it closes its pools and drops it.
 *
 * <p>The server is a container where a Docker engine answers and an embedded PostgreSQL otherwise;
 * {@code -Dtest.db=container} or {@code embedded} insists on one. It does not sync to disk.
 */
public final class TestDatabase implements AutoCloseable {

    private static final String OWNER = "log_owner";
    private static final String APPLICATION = "log_application";
    private static final String PASSWORD = "test";
    private static final String TEMPLATE = "event_log_template";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final TestServer server;
    private final String name;
    private @Nullable HikariDataSource owner;
    private @Nullable HikariDataSource application;

    private TestDatabase(TestServer server, String name) {
        this.server = server;
        this.name = name;
    }

    /** A new database whose log has an id of its own. */
    public static TestDatabase fresh() {
        return fresh(Shared.SERVER);
    }

    /** As {@link #fresh}, on another server. */
    static TestDatabase on(TestServer server) {
        return fresh(prepared(server));
    }

    private static TestDatabase fresh(TestServer server) {
        TestDatabase database = new TestDatabase(server, "test_" + NUMBER.incrementAndGet());
        server.run("postgres", """
                create database %1$s template %2$s owner %3$s;
                grant create on database %1$s to %4$s
                """.formatted(database.name, TEMPLATE, OWNER, APPLICATION));
        server.run(database.name, """
                with fresh as materialized (select gen_random_uuid() as log_id)
                update event_log.head
                set log_id = fresh.log_id, hash = sha256(uuid_send(fresh.log_id)), recorded_at = clock_timestamp()
                from fresh
                """);
        return database;
    }

    /** An empty database without the log's schema, for tests of the migration itself. */
    public static TestDatabase unmigrated() {
        TestServer server = Shared.SERVER;
        TestDatabase database = new TestDatabase(server, "test_" + NUMBER.incrementAndGet());
        server.createDatabase(database.name, OWNER);
        return database;
    }

    /** The login that owns the schema. */
    public synchronized DataSource owner() {
        if (owner == null) {
            owner = pool(OWNER);
        }
        return owner;
    }

    /** The login that appends and reads. */
    public synchronized DataSource application() {
        if (application == null) {
            application = pool(APPLICATION);
        }
        return application;
    }

    public String url() {
        return server.url(name);
    }

    public String ownerUser() {
        return OWNER;
    }

    public String ownerPassword() {
        return PASSWORD;
    }

    public String applicationUser() {
        return APPLICATION;
    }

    public String applicationPassword() {
        return PASSWORD;
    }

    /** Runs statements as the server's superuser: for what neither login may do. */
    public void asSuperuser(String sql) {
        server.run(name, sql);
    }

    @Override
    public synchronized void close() {
        if (owner != null) {
            owner.close();
        }
        if (application != null) {
            application.close();
        }
        server.run("postgres", "drop database " + name + " with (force)");
    }

    private HikariDataSource pool(String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setUsername(user);
        config.setPassword(PASSWORD);
        config.setMinimumIdle(0);
        config.setMaximumPoolSize(16);
        return new HikariDataSource(config);
    }

    private static TestServer prepared(TestServer server) {
        server.run("postgres", """
                create role %s login password '%s';
                create role %s login password '%s'
                """.formatted(OWNER, PASSWORD, APPLICATION, PASSWORD));
        server.createDatabase(TEMPLATE, OWNER);
        EventLogMigrations.migrate(server.dataSource(TEMPLATE, OWNER, PASSWORD), APPLICATION);
        return server;
    }

    /** Starts the server on first use. */
    private static final class Shared {

        private static final TestServer SERVER = prepared(TestServer.start(System.getProperty("test.db", "auto")));
    }
}
