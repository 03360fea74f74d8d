package dev.runledger.app.api;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.Erasure;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import dev.runledger.eventstore.StableTypeSerializer;
import dev.runledger.eventstore.StreamId;
import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;

/** Somebody with the database at hand, beside the application: erases executions, and tampers with the log. */
public final class Auditor {

    private final TestDatabase database;

    public Auditor(TestDatabase database) {
        this.database = database;
    }

    /** Appends what erases the execution; its contents stay for now. */
    public void appendErasure(String namespace, String executionId) {
        var id = new ExecutionId(namespace, UUID.fromString(executionId));
        var version = new EventLog(database.application())
                .streamHead(stream(id))
                .orElseThrow()
                .version();
        var serializer = new StableTypeSerializer(EventJson.mapper(), Map.copyOf(ExecutionEventTypes.names()));
        try (var engine = PostgresEventStorageEngine.builder()
                .dataSource(database.application())
                .eventSerializer(serializer)
                .snapshotSerializer(serializer)
                .build()) {
            engine.appendEvents(new GenericDomainEventMessage<>(
                    "Execution",
                    id.toString(),
                    version,
                    new ExecutionEvent.ExecutionErased("asked for"),
                    MetaData.with("actor", "tests"),
                    UUID.randomUUID().toString(),
                    Instant.now()));
        }
    }

    /** Removes the execution's contents for good and returns how many events had any. */
    public long erase(String namespace, String executionId) {
        appendErasure(namespace, executionId);
        return new Erasure(database.application())
                .erase(stream(new ExecutionId(namespace, UUID.fromString(executionId))));
    }

    public void tamper(String sql) {
        database.asSuperuser("alter table event_log.event disable trigger all; " + sql
                + "; alter table event_log.event enable always trigger event_refuses_update"
                + "; alter table event_log.event enable always trigger event_refuses_removal");
    }

    private static StreamId stream(ExecutionId id) {
        return new StreamId(id.namespace(), id.stream());
    }
}
