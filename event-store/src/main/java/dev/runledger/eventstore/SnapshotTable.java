package dev.runledger.eventstore;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Snapshots of aggregates: a cache that may be emptied at any time. */
final class SnapshotTable {

    private final JdbcClient jdbc;
    private final String codeVersion;

    SnapshotTable(DataSource dataSource, String codeVersion) {
        this.jdbc = JdbcClient.create(dataSource);
        this.codeVersion = codeVersion;
    }

    /**
     * Keeps the snapshot and removes older ones of its stream, also those of other code. Idempotent. Does not keep one
     * whose events were erased meanwhile: it may hold what was in them.
     */
    void store(Snapshot snapshot) {
        try {
            jdbc.sql("""
                            with older as (
                              delete from event_log.snapshot
                              where namespace = :namespace
                                and stream = :stream
                                and version < :version
                            )
                            insert into event_log.snapshot (
                              namespace, stream, version, code_version, event_id, type, revision,
                              occurred_at, metadata, payload
                            )
                            select
                              :namespace, :stream, :version, :codeVersion, :eventId, :type, :revision,
                              :occurredAt, :metadata::json, :payload::json
                            where not exists (
                              select
                              from event_log.event
                              where namespace = :namespace
                                and stream = :stream
                                and version = :version
                                and payload is null
                            )
                            on conflict do nothing
                            """)
                    .param("namespace", snapshot.stream().namespace())
                    .param("stream", snapshot.stream().stream())
                    .param("version", snapshot.version())
                    .param("codeVersion", codeVersion)
                    .param("eventId", snapshot.eventId())
                    .param("type", snapshot.type())
                    .param("revision", snapshot.revision())
                    .param("occurredAt", snapshot.occurredAt().atOffset(ZoneOffset.UTC))
                    .param("metadata", snapshot.metadata())
                    .param("payload", snapshot.payload())
                    .update();
        } catch (DataAccessException e) {
            throw Failures.ofReading(e);
        }
    }

    /** The stream's newest snapshot that this version of the code wrote. */
    Optional<Snapshot> read(StreamId stream) {
        try {
            return jdbc.sql("""
                            select version, event_id, type, revision, occurred_at, metadata, payload
                            from event_log.snapshot
                            where namespace = :namespace
                              and stream = :stream
                              and code_version = :codeVersion
                            order by version desc
                            limit 1
                            """)
                    .param("namespace", stream.namespace())
                    .param("stream", stream.stream())
                    .param("codeVersion", codeVersion)
                    .query((row, number) -> new Snapshot(
                            stream,
                            row.getLong("version"),
                            row.getObject("event_id", UUID.class),
                            row.getString("type"),
                            row.getInt("revision"),
                            row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
                            row.getString("metadata"),
                            row.getString("payload")))
                    .optional();
        } catch (DataAccessException e) {
            throw Failures.ofReading(e);
        }
    }
}
