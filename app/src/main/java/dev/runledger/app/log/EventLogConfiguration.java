package dev.runledger.app.log;

import dev.runledger.app.database.LogConnections;
import dev.runledger.app.database.OwnerDatabase;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.ChainVerifier;
import dev.runledger.eventstore.Erasure;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.EventLogMigrations;
import dev.runledger.eventstore.LogExport;
import dev.runledger.eventstore.LogServer;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.eventstore.StableTypeSerializer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import javax.sql.DataSource;
import org.axonframework.serialization.Serializer;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log and what Axon needs around it. */
@Configuration(proxyBeanMethods = false)
class EventLogConfiguration {

    /** The schema of the log, brought up to date by its owner. Whatever touches the log depends on it. */
    record EventLogSchema() {}

    @Bean
    EventLogSchema eventLogSchema(OwnerDatabase owner, DataSource application) {
        EventLogMigrations.migrate(owner.dataSource(), owner.applicationRole(), ExecutionEventTypes.erasing());
        LogServer.check(application);
        return new EventLogSchema();
    }

    @Bean
    EventLog eventLog(DataSource application, EventLogSchema schema) {
        return new EventLog(application);
    }

    @Bean
    Erasure erasure(DataSource application, EventLogSchema schema) {
        return new Erasure(application);
    }

    @Bean
    ChainVerifier chainVerifier(DataSource application, EventLogSchema schema) {
        return new ChainVerifier(application, ExecutionEventTypes.erasing());
    }

    @Bean
    LogExport logExport(DataSource application, EventLogSchema schema) {
        return new LogExport(application);
    }

    @Bean
    @Qualifier("eventSerializer")
    Serializer eventSerializer() {
        return new StableTypeSerializer(EventJson.mapper(), Map.copyOf(ExecutionEventTypes.names()));
    }

    @Bean
    PostgresEventStorageEngine eventStorageEngine(
            DataSource application,
            LogConnections connections,
            EventLogSchema schema,
            @Qualifier("eventSerializer") Serializer serializer,
            MeterRegistry meters) {
        return PostgresEventStorageEngine.builder()
                .dataSource(application)
                .appendDataSource(connections.appends())
                .eventSerializer(serializer)
                .snapshotSerializer(
                        new StableTypeSerializer(EventJson.mapper(), Map.of(ExecutionState.class, "ExecutionState")))
                .readingUnknownTypes()
                .codeVersion(ExecutionState.CODE_VERSION)
                .listener(new AppendMeters(meters))
                .build();
    }

    /** Wakes readers as soon as events are durable, which Axon's own store does not. */
    @Bean(destroyMethod = "shutDown")
    PostgresEventStore eventStore(PostgresEventStorageEngine engine) {
        return PostgresEventStore.builder().storageEngine(engine).build();
    }
}
