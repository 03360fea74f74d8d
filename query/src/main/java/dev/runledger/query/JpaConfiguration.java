package dev.runledger.query;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.jpa.EntityManagerFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.repository.config.BootstrapMode;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;

/**
 * JPA, which serves the artifacts and checkpoints of one execution: pages in the order of their primary key, so they are
 * read on {@link ReadConnections}. It takes a good second of a processor to start, so it does when the server is ready,
 * or with the first request that needs it, whichever comes first.
 */
@Configuration(proxyBeanMethods = false)
// Each method of a repository is one statement that reads: no transaction around it.
@EnableJpaRepositories(bootstrapMode = BootstrapMode.LAZY, enableDefaultTransactions = false)
class JpaConfiguration {

    private static final Logger log = LoggerFactory.getLogger(JpaConfiguration.class);

    private final ObjectProvider<EntityManagerFactory> entityManagers;

    JpaConfiguration(ObjectProvider<EntityManagerFactory> entityManagers) {
        this.entityManagers = entityManagers;
    }

    /** Not Spring's factory bean, which would start with the context. */
    @Bean(destroyMethod = "close")
    @Lazy
    EntityManagerFactory entityManagerFactory(EntityManagerFactoryBuilder builder, ReadConnections connections) {
        var factory = builder.dataSource(connections.pool())
                .packages(QueryConfiguration.class)
                .build();
        factory.afterPropertiesSet();
        return Objects.requireNonNull(factory.getObject());
    }

    /** The repositories' faults as Spring's; the factory bean that usually says so is not a bean here. */
    @Bean
    @Lazy
    PersistenceExceptionTranslator hibernateFaults() {
        return new HibernateJpaDialect();
    }

    /** Else the entity manager that repositories share would start JPA with the context. */
    @Bean
    static BeanFactoryPostProcessor lazyEntityManagers() {
        return beans -> {
            for (var name : beans.getBeanNamesForType(EntityManager.class, true, false)) {
                beans.getBeanDefinition(name).setLazyInit(true);
            }
        };
    }

    @EventListener(ApplicationReadyEvent.class)
    void startBehind() {
        Thread.ofVirtual().name("jpa-start").start(() -> {
            try {
                entityManagers.getObject();
            } catch (RuntimeException e) {
                log.error("JPA did not start: the artifacts and checkpoints of an execution cannot be read", e);
            }
        });
    }
}
