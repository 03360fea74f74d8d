package dev.runledger.app.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.query.projection.ReadModelConnections;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
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
            JdbcConnectionDetails application, @Qualifier("projectionDataSource") DataSource projection) {
        return new ReadModelConnections(
                dataSource(application.getJdbcUrl(), application.getUsername(), application.getPassword()), projection);
    }

    /** As the pool for requests, for the one thread that folds the log and the one that extends its claim. */
    @Bean(defaultCandidate = false)
    @Qualifier("projectionDataSource")
    HikariDataSource projectionDataSource(HikariDataSource requests) {
        var config = new HikariConfig();
        requests.copyStateTo(config);
        config.setPoolName("runledger-projection");
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(1);
        config.setSchema("read_model");
        return new HikariDataSource(config);
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
