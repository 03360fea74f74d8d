package dev.runledger.eventstore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads the log, in pages and without transactions that outlive a page.
 *
 * <p>A page ends at its limit, at about 8 MiB, or where the reading ends; it has at least one event if
 * there is one. What a reader has passed is never filled in later, so a position or version is all that
 * it must remember. Safe for use by many threads. Joins the caller's Spring transaction, if there is one.
 *
 * <p>Every method throws {@link LogUnavailableException} when the database is away and
 * {@link org.axonframework.eventsourcing.eventstore.EventStoreException} on other failures.
 */
public final class EventLog {

    /** More events than this are never returned in one page. */
    public static final int MAX_PAGE_EVENTS = 10_000;

    /**
     * The longest payload that an event has. A command of 1 MiB fits, also when its numbers are written out and its
     * identity is said again.
     */
    public static final int MAX_PAYLOAD_BYTES = 4 << 20;

    private static final long PAGE_BYTES = 8L << 20;
    private static final int SCAN_EVENTS = 10_000;
    private static final long SCAN_BYTES = 32L << 20;

    /**
     * Compares rows, and orders by both columns, so that only the index over both can serve it: with
     * {@code namespace = ?} the planner may walk the whole log for a namespace that it takes for common.
     */
    static final String READ_NAMESPACE = """
            select position, namespace, stream, version, event_id, type, revision,
              occurred_at, recorded_at, metadata, payload, hash, bytes
            from (
              select position, namespace, stream, version, event_id, type, revision,
                occurred_at, recorded_at, metadata, payload, hash,
                event_log.read_cost(metadata, payload) as cost,
                sum(event_log.read_cost(metadata, payload))
                  over (order by namespace, position rows unbounded preceding) as bytes
              from event_log.event
              where (namespace, position) > (:namespace, :after)
                and (namespace, position) <= (:namespace, :upTo)
              order by namespace, position
              limit :limit
            ) as candidate
            where bytes - cost < :bytes
            order by namespace, position
            """;

    /**
     * An event is short whose metadata and payload take no more than this, whatever the limit: PostgreSQL itself moves
     * longer ones out of the row.
     */
    public static final int SHORT_BYTES = 2 << 10;

    /** Leaves out what is long, and tells of it: how much comes has a bound. */
    static final String READ_SHORT = """
            select position, version, type, occurred_at, recorded_at,
              cost > :short as long,
              case when cost <= :short then payload end as payload
            from (
              select position, version, type, occurred_at, recorded_at, payload,
                event_log.read_cost(metadata, payload) as cost
              from event_log.event
              where namespace = :namespace
                and stream = :stream
                and version > :after
                and version <= :upTo
              order by version
              limit :limit
            ) as candidate
            order by version
            """;

    private final JdbcClient jdbc;

    private final LongEvents longEvents = new LongEvents();

    public EventLog(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
    }

    public Head head() {
        return reading(() -> jdbc.sql("""
                        select log_id, position, recorded_at, hash
                        from event_log.head
                        where id = 1
                        """)
                .query((row, number) -> new Head(
                        row.getObject("log_id", UUID.class),
                        row.getLong("position"),
                        instant(row, "recorded_at"),
                        Hash.of(row.getBytes("hash"))))
                .single());
    }

    /**
     * The whole log in order, strictly after a position.
     *
     * @param limit 1 to {@link #MAX_PAGE_EVENTS}
     */
    public Page readAll(long afterPosition, int limit) {
        return page(
                limit, StoredEvent::position, () -> lightly(limit, sql -> sql.param("after", afterPosition), """
                        select position, namespace, stream, version, event_id, type, revision, occurred_at, recorded_at,
                          case when cost <= :light then metadata end as metadata,
                          case when cost <= :light then payload end as payload, hash, cost
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost
                          from event_log.event
                          where position > :after
                          order by position
                          limit :limit
                        ) as candidate
                        order by position
                        """, """
                        select position, namespace, stream, version, event_id, type, revision,
                          occurred_at, recorded_at, metadata, payload, hash, bytes
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost,
                            sum(event_log.read_cost(metadata, payload))
                              over (order by position rows unbounded preceding) as bytes
                          from event_log.event
                          where position > :after
                          order by position
                          limit :limit
                        ) as candidate
                        where bytes - cost < :bytes
                        order by position
                        """));
    }

    /** The hash of the event at a position; empty when there is none. */
    Optional<Hash> hashAt(long position) {
        return reading(() -> jdbc.sql("""
                        select hash
                        from event_log.event
                        where position = :position
                        """)
                .param("position", position)
                .query((row, number) -> Hash.of(row.getBytes("hash")))
                .optional());
    }

    /**
     * One namespace's events in order, strictly after a position.
     *
     * @param upToPosition the last position to return; {@link Long#MAX_VALUE} for no bound
     * @param limit        1 to {@link #MAX_PAGE_EVENTS}
     */
    public Page readNamespace(String namespace, long afterPosition, long upToPosition, int limit) {
        return page(
                limit,
                StoredEvent::position,
                () -> jdbc.sql(READ_NAMESPACE)
                        .param("namespace", namespace)
                        .param("after", afterPosition)
                        .param("upTo", upToPosition)
                        .param("limit", limit + 1)
                        .param("bytes", PAGE_BYTES)
                        .query(EventLog::counted)
                        .list());
    }

    /**
     * One stream's events in order, strictly after a version. A filtered reading looks at no more than
     * 10,000 events and about 32 MiB for one page, so that a page without a hit may well have a next one.
     *
     * @param upToVersion the last version to return; {@link Long#MAX_VALUE} for no bound
     * @param limit       1 to {@link #MAX_PAGE_EVENTS}
     */
    public Page readStream(StreamId id, long afterVersion, long upToVersion, EventFilter filter, int limit) {
        if (filter.isAll()) {
            return readStream(id, afterVersion, upToVersion, limit);
        }
        Scan scan = reading(() -> scan(id, afterVersion, upToVersion));
        Page found =
                page(limit, StoredEvent::version, () -> filtered(id, afterVersion, scan.lastVersion(), filter, limit));
        return found.next() == null && scan.more() ? new Page(found.events(), scan.lastVersion()) : found;
    }

    /** The stream's newest event; empty when it has none. */
    public Optional<StreamHead> streamHead(StreamId id) {
        return reading(() -> jdbc.sql("""
                        select version, position
                        from event_log.event
                        where namespace = :namespace
                          and stream = :stream
                        order by version desc
                        limit 1
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .query((row, number) -> new StreamHead(row.getLong("version"), row.getLong("position")))
                .optional());
    }

    /** As {@link #streamHead}, with the event's type. */
    public Optional<StreamEnd> streamEnd(StreamId id) {
        return reading(() -> jdbc.sql("""
                        select version, position, type
                        from event_log.event
                        where namespace = :namespace
                          and stream = :stream
                        order by version desc
                        limit 1
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .query((row, number) ->
                        new StreamEnd(row.getLong("version"), row.getLong("position"), row.getString("type")))
                .optional());
    }

    /** The place in the log of a stream's event; empty when it has none of that version. */
    public Optional<Long> positionOf(StreamId id, long version) {
        return reading(() -> jdbc.sql("""
                        select position
                        from event_log.event
                        where namespace = :namespace
                          and stream = :stream
                          and version = :version
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("version", version)
                .query(Long.class)
                .optional());
    }

    /** When the log took the event at a position; empty when it has none there. */
    public Optional<Instant> recordedAt(long position) {
        return reading(() -> jdbc.sql("""
                        select recorded_at
                        from event_log.event
                        where position = :position
                        """)
                .param("position", position)
                .query((row, number) -> instant(row, "recorded_at"))
                .optional());
    }

    /**
     * How many of a stream's events had occurred by a time before the first that had not: all of them where every one
     * had. Looks at so many events.
     *
     * @param upToVersion the last version to look at
     */
    public long leadingOccurred(StreamId id, long upToVersion, Instant time) {
        return reading(() -> jdbc.sql("""
                        select coalesce((
                            select version - 1
                            from event_log.event
                            where namespace = :namespace
                              and stream = :stream
                              and version <= :upTo
                              and occurred_at > :time
                            order by version
                            limit 1
                          ), :upTo)
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("upTo", upToVersion)
                .param("time", time.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single());
    }

    /**
     * What a fold needs of all events of a range of one stream, in order; empty where one of them is longer than
     * {@link #SHORT_BYTES}. So its bytes have a bound before it is read: that for each version of the range.
     *
     * @param upToVersion at most {@link #MAX_PAGE_EVENTS} after {@code afterVersion}
     */
    public Optional<List<ShortEvent>> readShort(StreamId id, long afterVersion, long upToVersion) {
        int limit = checked(Math.toIntExact(upToVersion - afterVersion));
        ResultSetExtractor<Optional<List<ShortEvent>>> reader = rows -> shortEvents(rows, limit);
        return reading(() -> jdbc.sql(READ_SHORT)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("after", afterVersion)
                .param("upTo", upToVersion)
                .param("short", SHORT_BYTES)
                .param("limit", limit)
                .query(reader));
    }

    private static Optional<List<ShortEvent>> shortEvents(ResultSet rows, int limit) throws SQLException {
        List<ShortEvent> events = new ArrayList<>(limit);
        Instant recordedAt = Instant.MIN;
        while (rows.next()) {
            if (rows.getBoolean("long")) {
                return Optional.empty();
            }
            Instant time = instant(rows, "recorded_at");
            if (!time.equals(recordedAt)) {
                // Those that were written together share it, so that what keeps all of them keeps it once.
                recordedAt = time;
            }
            events.add(new ShortEvent(
                    rows.getLong("position"),
                    rows.getLong("version"),
                    rows.getString("type"),
                    instant(rows, "occurred_at"),
                    recordedAt,
                    rows.getBytes("payload")));
        }
        return Optional.of(events);
    }

    /** At most how many bytes one reading of a range of a stream returns. Looks at every event of the range. */
    public long readCost(StreamId id, long afterVersion, long upToVersion) {
        return reading(() -> jdbc.sql("""
                        select coalesce(least(sum(cost), :bytes + max(cost)), 0)
                        from (
                          select event_log.read_cost(metadata, payload) as cost
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                        ) as event
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("after", afterVersion)
                .param("upTo", upToVersion)
                .param("bytes", PAGE_BYTES)
                .query(Long.class)
                .single());
    }

    /**
     * The last position recorded before a time; 0 when there is none. Costs some 20 to 35 index probes:
     * positions have no gap and recordedAt never decreases, so it is found by halving.
     */
    public long positionBefore(Instant time) {
        return reading(() -> jdbc.sql("""
                        with recursive halving (low, high) as (
                          select 0::bigint, head.position
                          from event_log.head
                          where id = 1
                          union all
                          select
                            case when before then middle else low end,
                            case when before then high else middle - 1 end
                          from (
                            select low, high, middle, (
                                select event.recorded_at < :time
                                from event_log.event
                                where event.position = middle
                              ) as before
                            from (
                              select low, high, (low + high + 1) / 2 as middle
                              from halving
                              where low < high
                            ) as split
                          ) as probed
                        )
                        select low
                        from halving
                        where low = high
                        """)
                .param("time", time.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single());
    }

    /** The last position recorded at or before a time, to the microsecond; 0 when there is none. */
    public long positionAt(Instant time) {
        return positionBefore(time.truncatedTo(ChronoUnit.MICROS).plus(1, ChronoUnit.MICROS));
    }

    /**
     * How many of the stream's events were recorded at or before a time. Costs an index probe for each binary digit of
     * the stream's length: versions have no gap and recordedAt never decreases along them, so it is found by halving.
     */
    public long versionAt(StreamId id, Instant time) {
        return reading(() -> jdbc.sql("""
                        with recursive halving (low, high) as (
                          select 0::bigint, coalesce((
                              select version
                              from event_log.event
                              where namespace = :namespace
                                and stream = :stream
                              order by version desc
                              limit 1
                            ), 0)
                          union all
                          select
                            case when known then middle else low end,
                            case when known then high else middle - 1 end
                          from (
                            select low, high, middle, (
                                select event.recorded_at <= :time
                                from event_log.event
                                where event.namespace = :namespace
                                  and event.stream = :stream
                                  and event.version = middle
                              ) as known
                            from (
                              select low, high, (low + high + 1) / 2 as middle
                              from halving
                              where low < high
                            ) as split
                          ) as probed
                        )
                        select low
                        from halving
                        where low = high
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("time", time.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single());
    }

    /**
     * Those of one stream's events that had occurred by a time, in order. Looks at every event of the range.
     *
     * @param upToVersion the last version to look at
     * @param limit       1 to {@link #MAX_PAGE_EVENTS}
     */
    public Page readOccurred(StreamId id, long afterVersion, long upToVersion, Instant time, int limit) {
        return page(
                limit,
                StoredEvent::version,
                () -> jdbc.sql("""
                        select position, namespace, stream, version, event_id, type, revision,
                          occurred_at, recorded_at, metadata, payload, hash, bytes
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost,
                            sum(event_log.read_cost(metadata, payload))
                              over (order by version rows unbounded preceding) as bytes
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                            and occurred_at <= :time
                          order by version
                          limit :limit
                        ) as candidate
                        where bytes - cost < :bytes
                        order by version
                        """)
                        .param("namespace", id.namespace())
                        .param("stream", id.stream())
                        .param("after", afterVersion)
                        .param("upTo", upToVersion)
                        .param("time", time.atOffset(ZoneOffset.UTC))
                        .param("limit", limit + 1)
                        .param("bytes", PAGE_BYTES)
                        .query(EventLog::counted)
                        .list());
    }

    private Page readStream(StreamId id, long afterVersion, long upToVersion, int limit) {
        return page(
                limit,
                StoredEvent::version,
                () -> lightly(
                        limit,
                        sql -> sql.param("namespace", id.namespace())
                                .param("stream", id.stream())
                                .param("after", afterVersion)
                                .param("upTo", upToVersion),
                        """
                        select position, namespace, stream, version, event_id, type, revision, occurred_at, recorded_at,
                          case when cost <= :light then metadata end as metadata,
                          case when cost <= :light then payload end as payload, hash, cost
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                          order by version
                          limit :limit
                        ) as candidate
                        order by version
                        """,
                        """
                        select position, namespace, stream, version, event_id, type, revision,
                          occurred_at, recorded_at, metadata, payload, hash, bytes
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost,
                            sum(event_log.read_cost(metadata, payload))
                              over (order by version rows unbounded preceding) as bytes
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                          order by version
                          limit :limit
                        ) as candidate
                        where bytes - cost < :bytes
                        order by version
                        """));
    }

    /**
     * Reads a page as if all its events were short, without the texts of those that are not: to sum up what a page
     * weighs copies each row twice, and costs more than all the rest of reading it. Where one is long the page is read
     * again, by the statement that sums up, and so are some after it: long events seldom come alone.
     *
     * @param parameters those that say where to read
     */
    private List<Counted> lightly(
            int limit, UnaryOperator<JdbcClient.StatementSpec> parameters, String light, String weighing) {
        if (!longEvents.areExpected()) {
            long longest = Math.max(PAGE_BYTES / (limit + 1), SHORT_BYTES);
            ResultSetExtractor<Optional<List<Counted>>> reader = rows -> light(rows, longest);
            Optional<List<Counted>> page = parameters
                    .apply(jdbc.sql(light))
                    .param("light", longest)
                    .param("limit", limit + 1)
                    .query(reader);
            if (page.isPresent()) {
                return page.get();
            }
            longEvents.found();
        }
        longEvents.weighed();
        return parameters
                .apply(jdbc.sql(weighing))
                .param("limit", limit + 1)
                .param("bytes", PAGE_BYTES)
                .query(EventLog::counted)
                .list();
    }

    /** The events that a page takes; empty when one costs more than {@code longest}, and so is not whole. */
    private static Optional<List<Counted>> light(ResultSet rows, long longest) throws SQLException {
        List<Counted> events = new ArrayList<>();
        long bytes = 0;
        while (bytes < PAGE_BYTES && rows.next()) {
            long cost = rows.getLong("cost");
            if (cost > longest) {
                return Optional.empty();
            }
            bytes += cost;
            events.add(new Counted(event(rows), bytes));
        }
        return Optional.of(events);
    }

    /** How far one filtered page may look; versions have no gap, so counting them counts events. */
    private Scan scan(StreamId id, long afterVersion, long upToVersion) {
        return jdbc.sql("""
                        select coalesce(max(version), :after) as last_version,
                          count(*) >= :events or coalesce(max(bytes), 0) >= :bytes as more
                        from (
                          select version,
                            event_log.read_cost(metadata, payload) as cost,
                            sum(event_log.read_cost(metadata, payload))
                              over (order by version rows unbounded preceding) as bytes
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                          order by version
                          limit :events
                        ) as candidate
                        where bytes - cost < :bytes
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("after", afterVersion)
                .param("upTo", upToVersion)
                .param("events", SCAN_EVENTS)
                .param("bytes", SCAN_BYTES)
                .query((row, number) -> new Scan(row.getLong("last_version"), row.getBoolean("more")))
                .single();
    }

    private List<Counted> filtered(StreamId id, long afterVersion, long upToVersion, EventFilter filter, int limit) {
        List<Map.Entry<String, String>> texts =
                List.copyOf(filter.payloadTexts().entrySet());
        return jdbc.sql("""
                        select position, namespace, stream, version, event_id, type, revision,
                          occurred_at, recorded_at, metadata, payload, hash, bytes
                        from (
                          select position, namespace, stream, version, event_id, type, revision,
                            occurred_at, recorded_at, metadata, payload, hash,
                            event_log.read_cost(metadata, payload) as cost,
                            sum(event_log.read_cost(metadata, payload))
                              over (order by version rows unbounded preceding) as bytes
                          from event_log.event
                          where namespace = :namespace
                            and stream = :stream
                            and version > :after
                            and version <= :upTo
                            and (cardinality(:types) = 0 or type = any(:types))
                            and not exists (
                              select
                              from unnest(:names, :texts) as wanted (name, text)
                              where payload ->> wanted.name is distinct from wanted.text
                            )
                          order by version
                          limit :limit
                        ) as candidate
                        where bytes - cost < :bytes
                        order by version
                        """)
                .param("namespace", id.namespace())
                .param("stream", id.stream())
                .param("after", afterVersion)
                .param("upTo", upToVersion)
                .param("types", filter.types().toArray(String[]::new))
                .param("names", texts.stream().map(Map.Entry::getKey).toArray(String[]::new))
                .param("texts", texts.stream().map(Map.Entry::getValue).toArray(String[]::new))
                .param("limit", limit + 1)
                .param("bytes", PAGE_BYTES)
                .query(EventLog::counted)
                .list();
    }

    /** Asks for one event more than the limit, so that a page knows whether it is the last. */
    private static Page page(int limit, ToLongFunction<StoredEvent> key, Supplier<List<Counted>> query) {
        checked(limit);
        List<Counted> rows = reading(query);
        List<StoredEvent> events = new ArrayList<>(Math.min(rows.size(), limit));
        for (Counted row : rows.subList(0, Math.min(rows.size(), limit))) {
            events.add(row.event());
        }
        boolean more = rows.size() > limit || (!rows.isEmpty() && rows.getLast().bytesUpToHere() >= PAGE_BYTES);
        return new Page(events, more ? (Long) key.applyAsLong(events.getLast()) : null);
    }

    private static int checked(int limit) {
        if (limit < 1 || limit > MAX_PAGE_EVENTS) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_PAGE_EVENTS + " events, not " + limit);
        }
        return limit;
    }

    private static <T extends @Nullable Object> T reading(Supplier<T> query) {
        try {
            return query.get();
        } catch (DataAccessException e) {
            throw Failures.ofReading(e);
        }
    }

    private static Counted counted(ResultSet row, int number) throws SQLException {
        return new Counted(event(row), row.getLong("bytes"));
    }

    private static StoredEvent event(ResultSet row) throws SQLException {
        return new StoredEvent(
                row.getLong("position"),
                row.getString("namespace"),
                row.getString("stream"),
                row.getLong("version"),
                row.getObject("event_id", UUID.class),
                row.getString("type"),
                row.getInt("revision"),
                instant(row, "occurred_at"),
                instant(row, "recorded_at"),
                row.getString("metadata"),
                row.getString("payload"),
                Hash.of(row.getBytes("hash")));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** How far a filtered reading looks, and whether the stream may have more after that. */
    private record Scan(long lastVersion, boolean more) {}

    /** An event and an upper bound of the bytes that its page has moved with it. */
    private record Counted(StoredEvent event, long bytesUpToHere) {}
}
