package dev.runledger.eventstore.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The PostgreSQL of one JVM; stopped when that ends. */
final class TestServer {

    private static final Logger logger = LoggerFactory.getLogger(TestServer.class);
    private static final String IMAGE = "postgres:18";

    private final String host;
    private final int port;
    private final String user;
    private final @Nullable String password;

    private TestServer(String host, int port, String user, @Nullable String password) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
    }

    /** @param kind auto, container or embedded */
    static TestServer start(String kind) {
        boolean container = switch (kind) {
            case "auto" -> dockerAnswers();
            case "container" -> true;
            case "embedded" -> false;
            default -> throw new IllegalArgumentException("-Dtest.db is auto, container or embedded, not " + kind);
        };
        TestServer server = container ? startContainer() : startEmbedded();
        logger.info(
                "Tests use {} at {}:{}",
                container ? "a container of " + IMAGE : "an embedded PostgreSQL",
                server.host,
                server.port);
        return server;
    }

    String url(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    DataSource dataSource(String database, String login, @Nullable String loginPassword) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url(database));
        source.setUser(login);
        source.setPassword(loginPassword);
        return source;
    }

    /** Runs statements as the superuser. */
    void run(String database, String sql) {
        try (Connection connection = dataSource(database, user, password).getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";")) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("could not run: " + sql, e);
        }
    }

    /** With UTF-8 and an order of texts that is the same on every machine. */
    void createDatabase(String database, String owner) {
        run("postgres", """
                create database %s owner %s template template0 encoding 'UTF8'
                  locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C'
                """.formatted(database, owner));
    }

    private static boolean dockerAnswers() {
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException | LinkageError e) {
            return false;
        }
    }

    private static TestServer startContainer() {
        PostgreSQLContainer container = new PostgreSQLContainer(IMAGE)
                .withDatabaseName("postgres")
                .withCommand("postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300");
        container.start();
        return new TestServer(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container.getUsername(),
                container.getPassword());
    }

    private static TestServer startEmbedded() {
        try {
            EmbeddedPostgres postgres = embedded().start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(postgres)));
            return of(postgres);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static EmbeddedPostgres.Builder embedded() {
        return EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setServerConfig("fsync", "off")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "off")
                .setServerConfig("max_connections", "300");
    }

    static TestServer of(EmbeddedPostgres postgres) {
        return new TestServer("localhost", postgres.getPort(), "postgres", null);
    }

    private static void stop(EmbeddedPostgres postgres) {
        try {
            postgres.close();
        } catch (IOException e) {
            logger.warn("The embedded PostgreSQL did not stop", e);
        }
    }
}
