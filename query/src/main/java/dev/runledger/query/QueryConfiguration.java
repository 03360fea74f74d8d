package dev.runledger.query;

import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The read side: the projection, its tables and the query endpoints.
 *
 * <p>Needs, besides Spring MVC: a {@code DataSource} with {@code JdbcTemplate} and {@code JdbcClient} of the login that
 * owns {@code read_model}, a JPA {@code EntityManagerFactory}, the {@code EventLog}, Axon's event store as
 * {@code StreamableMessageSource<TrackedEventMessage<?>>}, and a {@code MeterRegistry}.
 */
@Configuration(proxyBeanMethods = false)
@ComponentScan
@AutoConfigurationPackage
public class QueryConfiguration implements WebMvcConfigurer {

    private final ObjectProvider<ReadModelInterceptor> interceptor;

    QueryConfiguration(ObjectProvider<ReadModelInterceptor> interceptor) {
        this.interceptor = interceptor;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor.getObject());
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new TakenParameters());
    }

    /** Whatever writes, writes through JDBC. */
    @Bean
    @ConditionalOnMissingBean
    PlatformTransactionManager transactionManager(DataSource dataSource) {
        return new JdbcTransactionManager(dataSource);
    }
}
