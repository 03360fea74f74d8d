package dev.runledger.eventstore;

import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.serialization.Revision;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** A log of its own, with the engine that writes it and the reader. */
final class TestLog implements AutoCloseable {

    static final StreamId STREAM = new StreamId("ns", "execution/1");
    static final Instant OCCURRED = Instant.parse("2026-01-01T00:00:00.123456Z");

    final TestDatabase database = TestDatabase.fresh();
    final PostgresEventStorageEngine engine = engine(database.application());
    final EventLog log = new EventLog(database.application());
    final JdbcClient sql = JdbcClient.create(database.application());

    static StableTypeSerializer serializer() {
        return new StableTypeSerializer(new JsonMapper(), Map.of(Happened.class, "Happened", Noted.class, "Noted"));
    }

    static PostgresEventStorageEngine engine(DataSource dataSource) {
        return PostgresEventStorageEngine.builder()
                .dataSource(dataSource)
                .eventSerializer(serializer())
                .snapshotSerializer(serializer())
                .build();
    }

    static DomainEventMessage<?> event(StreamId stream, long version, Object payload, Map<String, ?> metadata) {
        return new GenericDomainEventMessage<>(
                "execution",
                stream.aggregateIdentifier(),
                version - 1,
                payload,
                metadata,
                UUID.randomUUID().toString(),
                OCCURRED);
    }

    static DomainEventMessage<?> event(StreamId stream, long version) {
        return event(stream, version, new Happened("step-" + version % 10, "x"), Map.of());
    }

    static List<DomainEventMessage<?>> events(StreamId stream, long firstVersion, int count) {
        List<DomainEventMessage<?>> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(event(stream, firstVersion + i));
        }
        return events;
    }

    long count() {
        return sql.sql("select count(*) from event_log.event").query(Long.class).single();
    }

    @Override
    public void close() {
        engine.close();
        database.close();
    }

    @Revision("1")
    record Happened(String stepId, String text) {}

    @Revision("2")
    record Noted(String text) {}
}
