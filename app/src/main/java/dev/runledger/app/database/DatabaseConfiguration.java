package dev.runledger.app.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import dev.runledger.query.ReadConnections;
import dev.runledger.query.projection.ReadModelConnections;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Offers the owner's way to the database, after waiting for it. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    private static final Logger log = LoggerFactory.getLogger(DatabaseConfiguration.class);

    @Bean
    OwnerDatabase ownerDatabase(
            JdbcConnectionDetails application, ObjectProvider<OwnerLogin> embedded, DatabaseProperties properties) {
        OwnerLogin owner = embedded.getIfAvailable(properties::ownerLogin);
        DriverManagerDataSource asApplication =
                dataSource(application.getJdbcUrl(), application.getUsername(), application.getPassword());
        var wait = new DatabaseWait(properties.startTimeout());
        Greeting applicationGreeting = wait.forAnswer(asApplication, "application");
        applicationGreeting.requireKnownVersion();
        if (owner == null) {
            warnAboutOneLogin(applicationGreeting.role());
            return new OwnerDatabase(asApplication, applicationGreeting.role(), false);
        }
        DriverManagerDataSource asOwner = dataSource(application.getJdbcUrl(), owner.username(), owner.password());
        Greeting ownerGreeting = wait.forAnswer(asOwner, "owner");
        boolean separate = !ownerGreeting.role().equals(applicationGreeting.role());
        if (!separate) {
            warnAboutOneLogin(applicationGreeting.role());
        }
        return new OwnerDatabase(asOwner, applicationGreeting.role(), separate);
    }

    /** A rebuild works for minutes, the projection as long as the server does; the pool is for requests. */
    @Bean
    ReadModelConnections readModelConnections(
            JdbcConnectionDetails application, HikariDataSource requests, MeterRegistry meters) {
        // One for the thread that folds the log, one for that which keeps its claim.
        var live = beside(requests, "runledger-projection", 2, meters);
        live.setSchema("read_model");
        return new ReadModelConnections(
                dataSource(application.getJdbcUrl(), application.getUsername(), application.getPassword()),
                new HikariDataSource(live));
    }

    /** Pages and rows, which have settings of their own; as many as there are reads at once. */
    @Bean
    ReadConnections readConnections(
            HikariDataSource requests,
            @Value("${runledger.query.concurrent-reads:8}") int concurrently,
            MeterRegistry meters) {
        var reads = beside(requests, "runledger-reads", concurrently, meters);
        reads.setConnectionInitSql(ReadConnections.settingsAfter(reads.getConnectionInitSql()));
        return new ReadConnections(new HikariDataSource(reads));
    }

    /** The log's one writer waits for nobody who reads; the second connection is for when the first one is lost. */
    @Bean
    LogConnections logConnections(HikariDataSource requests, MeterRegistry meters) {
        return new LogConnections(new HikariDataSource(beside(requests, "runledger-log", 2, meters)));
    }

    private static HikariConfig beside(HikariDataSource requests, String name, int size, MeterRegistry meters) {
        var config = new HikariConfig();
        requests.copyStateTo(config);
        config.setPoolName(name);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
        return config;
    }

    private static void warnAboutOneLogin(String role) {
        log.warn(
                "The database login {} is both owner and application: only a trigger, which that login could drop,"
                        + " keeps recorded events from being changed or deleted; set runledger.owner.username and"
                        + " runledger.owner.password (DATABASE_OWNER_USERNAME, DATABASE_OWNER_PASSWORD) to a login of"
                        + " its own",
                role);
    }

    private static DriverManagerDataSource dataSource(
            String url, @Nullable String username, @Nullable String password) {
        var dataSource = new DriverManagerDataSource(url);
        var properties = new Properties();
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("ApplicationName", "runledger");
        properties.setProperty("tcpKeepAlive", "true");
        // Details name row contents, which have no place in a log.
        properties.setProperty("logServerErrorDetail", "false");
        dataSource.setConnectionProperties(properties);
        dataSource.setUsername(username);
        dataSource.setPassword(password);
        return dataSource;
    }
}
