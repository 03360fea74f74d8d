package dev.runledger.eventstore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads what somebody without our code needs to check the chain: one namespace's events whole, and of all others the
 * links alone. In pages, without transactions that outlive a page. Safe for use by many threads.
 *
 * <p>Every method throws {@link LogUnavailableException} when the database is away and
 * {@link org.axonframework.eventsourcing.eventstore.EventStoreException} on other failures.
 */
public final class LogExport {

    private static final HexFormat HEX = HexFormat.of();

    /** What belongs to other namespaces does not leave the database. */
    static final String READ = """
            select event.position, timestamptz_send(event.recorded_at) as recorded_at, event.digest, event.hash,
              own.namespace, own.stream, own.version, own.event_id, own.type, own.revision,
              timestamptz_send(own.occurred_at) as occurred_at, own.metadata, own.payload, own.payload_salt,
              own.payload_hash
            from event_log.event
            left join lateral (
              select event.namespace, event.stream, event.version, event.event_id, event.type, event.revision,
                event.occurred_at, event.metadata, event.payload, event.payload_salt, event.payload_hash
              where event.namespace = :namespace
            ) as own on true
            where event.position > :after
              and event.position <= (
                select max(position)
                from (
                  select position, cost, sum(cost) over (order by position rows unbounded preceding) as bytes
                  from (
                    select position,
                      case when namespace = :namespace then event_log.read_cost(metadata, payload) else 0 end as cost
                    from event_log.event
                    where position > :after
                      and position <= :upTo
                    order by position
                    limit :limit
                  ) as candidate
                ) as counted
                where bytes - cost < :bytes
              )
            order by event.position
            limit :limit
            """;

    private static final long PAGE_BYTES = 8L << 20;

    private final JdbcClient jdbc;

    /** @param dataSource a login that may read the log */
    public LogExport(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
    }

    /**
     * What an export begins with.
     *
     * @param from         position of the first event that follows
     * @param previousHash of the event before that; SHA-256 of the log id before the first of all
     */
    public record Start(UUID logId, long from, Hash previousHash) {}

    /**
     * A part of an export.
     *
     * @param next the position to read on after; null when the end was reached
     */
    public record Part(List<Link> links, @Nullable Long next) {

        public Part {
            links = List.copyOf(links);
        }
    }

    /**
     * One event of the chain.
     *
     * @param recordedAtMicros microseconds since 1970
     * @param content null for an event of another namespace
     */
    public record Link(
            long position,
            long recordedAtMicros,
            Hash digest,
            Hash hash,
            @Nullable Content content) {}

    /**
     * What an event's digest is made of.
     *
     * @param occurredAtMicros microseconds since 1970
     * @param metadata         the exact text
     * @param payload          the exact text; null once erased
     * @param payloadSalt      in lower-case hex; null once erased
     */
    public record Content(
            String namespace,
            String stream,
            long version,
            UUID eventId,
            String type,
            int revision,
            long occurredAtMicros,
            String metadata,
            @Nullable String payload,
            @Nullable String payloadSalt,
            Hash payloadHash) {}

    /** The start of an export from a position on, 1 or more; empty when the log ends before the one before it. */
    public Optional<Start> start(long from) {
        return reading(() -> jdbc.sql("""
                        select head.log_id,
                          case
                            when :before = 0 then sha256(uuid_send(head.log_id))
                            else (select event.hash from event_log.event where event.position = :before)
                          end as previous_hash
                        from event_log.head
                        where head.id = 1
                        """)
                .param("before", from - 1)
                .query((row, number) ->
                        Optional.ofNullable(row.getBytes("previous_hash")).map(hash -> start(row, from, hash)))
                .single());
    }

    /**
     * Events strictly after a position.
     *
     * @param namespace    whose events are given whole
     * @param upToPosition the last position to return
     * @param limit        1 to {@link EventLog#MAX_PAGE_EVENTS}
     */
    public Part read(String namespace, long afterPosition, long upToPosition, int limit) {
        List<Link> links = reading(() -> jdbc.sql(READ)
                .param("namespace", namespace)
                .param("after", afterPosition)
                .param("upTo", upToPosition)
                .param("limit", limit)
                .param("bytes", PAGE_BYTES)
                .query(LogExport::link)
                .list());
        boolean more = !links.isEmpty() && links.getLast().position() < upToPosition;
        return new Part(links, more ? (Long) links.getLast().position() : null);
    }

    private static Start start(ResultSet row, long from, byte[] hash) {
        try {
            return new Start(row.getObject("log_id", UUID.class), from, Hash.of(hash));
        } catch (SQLException e) {
            throw Failures.ofReading(e);
        }
    }

    private static Link link(ResultSet row, int number) throws SQLException {
        return new Link(
                row.getLong("position"),
                ChainPages.micros(row.getBytes("recorded_at")),
                Hash.of(row.getBytes("digest")),
                Hash.of(row.getBytes("hash")),
                row.getString("namespace") == null ? null : content(row));
    }

    private static Content content(ResultSet row) throws SQLException {
        byte[] salt = row.getBytes("payload_salt");
        return new Content(
                row.getString("namespace"),
                row.getString("stream"),
                row.getLong("version"),
                row.getObject("event_id", UUID.class),
                row.getString("type"),
                row.getInt("revision"),
                ChainPages.micros(row.getBytes("occurred_at")),
                row.getString("metadata"),
                row.getString("payload"),
                salt == null ? null : HEX.formatHex(salt),
                Hash.of(row.getBytes("payload_hash")));
    }

    private static <T> T reading(Supplier<T> query) {
        try {
            return query.get();
        } catch (DataAccessException e) {
            throw Failures.ofReading(e);
        }
    }
}
