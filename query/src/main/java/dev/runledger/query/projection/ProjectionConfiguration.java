package dev.runledger.query.projection;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the projection needs around it. */
@Configuration(proxyBeanMethods = false)
class ProjectionConfiguration {

    @Bean
    ProjectionJournal projectionJournal(JdbcClient jdbc) {
        return new ProjectionJournal(jdbc);
    }
}
