package dev.runledger.app.operations;

import dev.runledger.app.database.OwnerDatabase;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What stands beside the log and cannot be replayed from it. */
@Configuration(proxyBeanMethods = false)
class OperationsConfiguration {

    private static final String SCHEMA = "operations";

    /** The schema {@code operations}, brought up to date by its owner. */
    record OperationsSchema() {}

    /** Forward only; each module brings the tables that it uses, all in one history. */
    @Bean
    OperationsSchema operationsSchema(OwnerDatabase owner) {
        Flyway.configure()
                .dataSource(owner.dataSource())
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .createSchemas(true)
                .table("migration")
                .locations("classpath:db/operations")
                .placeholders(
                        Map.of("applicationRole", '"' + owner.applicationRole().replace("\"", "\"\"") + '"'))
                .load()
                .migrate();
        return new OperationsSchema();
    }
}
