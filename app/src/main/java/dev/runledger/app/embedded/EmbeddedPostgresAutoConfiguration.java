package dev.runledger.app.embedded;

import dev.runledger.app.database.OwnerLogin;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Brings a database along when nobody named one: no or a blank {@code spring.datasource.url}. */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@Conditional(EmbeddedPostgresAutoConfiguration.NoDatabaseNamed.class)
@ConditionalOnMissingBean(JdbcConnectionDetails.class)
@EnableConfigurationProperties(EmbeddedPostgresProperties.class)
public class EmbeddedPostgresAutoConfiguration {

    @Bean(destroyMethod = "close")
    EmbeddedPostgres embeddedPostgres(
            @Value("${runledger.data-dir:./data}") Path dataFolder, EmbeddedPostgresProperties properties) {
        Path home = dataFolder.resolve("postgres");
        if (!properties.create()) {
            EmbeddedPostgres.requireDatabase(home);
        }
        return EmbeddedPostgres.start(home, properties.port());
    }

    @Bean(destroyMethod = "close")
    Watchdog embeddedPostgresWatchdog(EmbeddedPostgres postgres, EmbeddedPostgresProperties properties) {
        return Watchdog.over(postgres, properties.watchInterval());
    }

    @Bean
    Logins embeddedLogins(EmbeddedPostgres postgres, Watchdog watchdog) throws IOException, SQLException {
        return Logins.prepare(postgres);
    }

    @Bean
    OwnerLogin embeddedOwnerLogin(Logins logins) {
        return new OwnerLogin(Logins.OWNER, logins.ownerPassword());
    }

    @Bean
    JdbcConnectionDetails embeddedConnectionDetails(Logins logins) {
        return new JdbcConnectionDetails() {
            @Override
            public String getUsername() {
                return Logins.APPLICATION;
            }

            @Override
            public String getPassword() {
                return logins.applicationPassword();
            }

            @Override
            public String getJdbcUrl() {
                return logins.url();
            }
        };
    }

    static class NoDatabaseNamed implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !StringUtils.hasText(context.getEnvironment().getProperty("spring.datasource.url"));
        }
    }
}
