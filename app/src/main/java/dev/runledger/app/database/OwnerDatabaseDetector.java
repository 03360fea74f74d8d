package dev.runledger.app.database;

import java.util.Set;
import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDatabaseInitializerDetector;

/** Lets JPA and JDBC beans wait for {@link OwnerDatabase}, and with it for a database that is away at start-up. */
final class OwnerDatabaseDetector extends AbstractBeansOfTypeDatabaseInitializerDetector {

    @Override
    protected Set<Class<?>> getDatabaseInitializerBeanTypes() {
        return Set.of(OwnerDatabase.class);
    }
}
