package dev.runledger.eventstore;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the log between two positions, in order, page by page; the next page is read on a thread of its own
 * while the caller works on this one. Between two pages no connection is held. A page ends at {@link #PAGE_EVENTS}
 * rows or at about {@link #PAGE_BYTES}, and two of them are in memory at a time.
 */
final class ChainPages implements AutoCloseable {

    static final int PAGE_EVENTS = 2_000;
    static final long PAGE_BYTES = 8L << 20;

    /** PostgreSQL counts microseconds from here. */
    private static final long YEAR_2000_MICROS = 946_684_800_000_000L;

    /** In bytes throughout, whether the driver asks for text or binary. */
    static final String READ = """
            select position, namespace, stream, version, uuid_send(event_id) as event_id, type, revision,
              timestamptz_send(occurred_at) as occurred_at, timestamptz_send(recorded_at) as recorded_at,
              metadata, payload, payload_salt, payload_hash, digest, hash
            from event_log.event
            where position > ?
              and position <= (
                select max(position)
                from (
                  select position, cost, sum(cost) over (order by position rows unbounded preceding) as bytes
                  from (
                    select position, event_log.read_cost(metadata, payload) as cost
                    from event_log.event
                    where position > ?
                      and position <= ?
                    order by position
                    limit ?
                  ) as candidate
                ) as counted
                where bytes - cost < ?
              )
            order by position
            limit ?
            """;

    private final DataSource dataSource;
    private final long upTo;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("chain-reader").factory());
    private @Nullable Future<List<ChainRow>> next;

    /** Begins to read. */
    ChainPages(DataSource dataSource, long after, long upTo) {
        this.dataSource = dataSource;
        this.upTo = upTo;
        readAhead(after);
    }

    /**
     * The next rows; empty when there are no more up to the end.
     *
     * @throws LogUnavailableException when the database is away
     */
    List<ChainRow> next() {
        Future<List<ChainRow>> reading = next;
        if (reading == null) {
            return List.of();
        }
        List<ChainRow> page = taken(reading);
        if (page.isEmpty() || page.getLast().position() >= upTo) {
            next = null;
        } else {
            readAhead(page.getLast().position());
        }
        return page;
    }

    /** Returns at once; a page that is being read ends its reading alone. */
    @Override
    public void close() {
        reader.shutdown();
    }

    private void readAhead(long after) {
        next = reader.submit(() -> read(dataSource, after, upTo, PAGE_EVENTS));
    }

    private static List<ChainRow> taken(Future<List<ChainRow>> reading) {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw Failures.ofReading(failure);
            }
            throw new EventStoreException("the event log could not be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EventStoreException("interrupted while reading the event log", e);
        }
    }

    /** Rows after a position, at least one if there is one. */
    static List<ChainRow> read(DataSource dataSource, long after, long upTo, int limit) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setLong(1, after);
            statement.setLong(2, after);
            statement.setLong(3, upTo);
            statement.setInt(4, limit);
            statement.setLong(5, PAGE_BYTES);
            statement.setInt(6, limit);
            try (ResultSet row = statement.executeQuery()) {
                List<ChainRow> rows = new ArrayList<>();
                while (row.next()) {
                    rows.add(row(row));
                }
                return rows;
            }
        }
    }

    private static ChainRow row(ResultSet row) throws SQLException {
        return new ChainRow(
                row.getLong(1),
                row.getBytes(2),
                row.getBytes(3),
                row.getLong(4),
                row.getBytes(5),
                row.getBytes(6),
                row.getInt(7),
                micros(row.getBytes(8)),
                micros(row.getBytes(9)),
                row.getBytes(10),
                row.getBytes(11),
                row.getBytes(12),
                row.getBytes(13),
                row.getBytes(14),
                row.getBytes(15));
    }

    /** Microseconds since 1970 of what {@code timestamptz_send} gives. */
    static long micros(byte[] sent) {
        return ByteBuffer.wrap(sent).getLong() + YEAR_2000_MICROS;
    }
}
