package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.runledger.eventstore.Verification.Broken;
import dev.runledger.eventstore.Verification.Intact;
import dev.runledger.eventstore.Verification.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Recomputes the hash chain from what is stored and names the first position that is not as it was written.
 *
 * <p>Memory is bounded, whatever the log's size: two pages of about 8 MiB. Reads in short statements and holds nothing
 * of the database's between two pages, so writers and slow callers do not matter to each other.
 *
 * <p>What it trusts: nothing but the hash before the range, and that is the log id where the range begins at 1. Whoever
 * can rewrite the whole log with all its hashes can be found out by a {@link Receipt} alone.
 *
 * <p>An event without payload passes when a later event of its stream has a type that erases. That event lies in the
 * chain: where it lies behind the range, the chain is checked on up to it. Safe for use by many threads.
 */
public final class ChainVerifier {

    /** How far the event that belongs to a position is looked for, once another one is found there. */
    private static final long SEARCHED_EVENTS = 100_000;

    /** Head and last event as of one moment, since writers append meanwhile. */
    private static final String ENDS = """
            select head.log_id, head.position, timestamptz_send(head.recorded_at), head.hash,
              last.position, timestamptz_send(last.recorded_at),
              (select position from event_log.event order by position limit 1)
            from (select 1) as one
            left join event_log.head on head.id = 1
            left join (
              select position, recorded_at
              from event_log.event
              order by position desc
              limit 1
            ) as last on true
            """;

    /** Of each stream, the newest event that erases what is before it. */
    static final String ERASURES = """
            select erasing.version, erasing.position
            from unnest(?, ?) with ordinality as wanted (namespace, stream, number)
            left join lateral (
              select event.version, event.position
              from event_log.event
              where event.namespace = wanted.namespace
                and event.stream = wanted.stream
                and event.type = any(?)
              order by event.version desc
              limit 1
            ) as erasing on true
            order by wanted.number
            """;

    private final DataSource dataSource;
    private final String[] erasureTypes;

    /**
     * @param dataSource   a login that may read the log
     * @param erasureTypes the stored names of events that erase what is before them in their stream
     */
    public ChainVerifier(DataSource dataSource, Set<String> erasureTypes) {
        this.dataSource = dataSource;
        this.erasureTypes = erasureTypes.toArray(String[]::new);
    }

    /**
     * Which part of the log to check.
     *
     * @param from    the first position, 1 or more
     * @param to      the last position; null for the head of the time of the call
     * @param receipt that the log must continue; where it lies outside of the positions, they are extended to it
     */
    public record Range(
            long from, @Nullable Long to, @Nullable Receipt receipt) {

        /** The whole log as it is. */
        public static final Range ALL = new Range(1, null, null);

        public Range {
            if (from < 1) {
                throw new IllegalArgumentException("the first position is 1, not " + from);
            }
            if (to != null && to < from) {
                throw new IllegalArgumentException("the last position, " + to + ", lies before the first, " + from);
            }
        }
    }

    /** Is told how far a check is, after every page; what it throws ends the check. */
    @FunctionalInterface
    public interface Progress {

        /**
         * @param position the last that was checked
         * @param to       the last that will be
         * @param events   how many events have been checked
         */
        void at(long position, long to, long events);
    }

    /**
     * Checks a part of the log.
     *
     * @throws LogUnavailableException when the database is away
     * @throws org.axonframework.eventsourcing.eventstore.EventStoreException when it cannot be read otherwise
     */
    public Verification verify(Range range, Progress progress) {
        long begin = System.nanoTime();
        try {
            Walk walk = new Walk(range, ends(), progress);
            Broken broken = walk.toItsEnd();
            return broken != null
                    ? broken
                    : new Intact(
                            walk.events,
                            walk.erased,
                            new Receipt(walk.position, Hash.of(walk.hash)),
                            Duration.ofNanos(System.nanoTime() - begin));
        } catch (SQLException e) {
            throw Failures.ofReading(e);
        }
    }

    private Ends ends() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(ENDS);
                ResultSet row = statement.executeQuery()) {
            row.next();
            UUID logId = row.getObject(1, UUID.class);
            long first = row.getLong(7);
            boolean empty = row.wasNull();
            return new Ends(
                    logId == null
                            ? null
                            : new HeadRow(logId, row.getLong(2), ChainPages.micros(row.getBytes(3)), row.getBytes(4)),
                    empty ? 1 : first,
                    row.getLong(5),
                    empty ? 0 : ChainPages.micros(row.getBytes(6)));
        }
    }

    private record HeadRow(UUID logId, long position, long recordedAt, byte[] hash) {}

    /**
     * @param head  null when its row is gone
     * @param first position of the first event; 1 when there is none
     * @param last  position of the last event; 0 when there is none
     */
    private record Ends(@Nullable HeadRow head, long first, long last, long lastRecordedAt) {}

    private record Stream(String namespace, String stream) {}

    private record Erasing(long version, long position) {}

    /** One check, from the event before its range on. */
    private final class Walk {

        private final Chain chain = new Chain();
        private final Range range;
        private final Ends ends;
        private final Progress progress;

        /** The last position that fits, its hash, and the hash before that; null before the first step. */
        private long position;

        private byte[] hash = new byte[0];
        private byte @Nullable [] hashBefore;
        private long events;
        private long erased;

        /** How far the chain must hold for the events that erase others of the range to be believed. */
        private long erasedBy;

        /**
         * The first event whose payload is gone without one that erases it. Told only when the chain itself is whole:
         * the event that erased it may be the one that was tampered with.
         */
        private @Nullable Broken uncovered;

        Walk(Range range, Ends ends, Progress progress) {
            this.range = range;
            this.ends = ends;
            this.progress = progress;
        }

        @Nullable
        Broken toItsEnd() throws SQLException {
            HeadRow head = ends.head();
            if (head == null) {
                return new Broken(ends.last(), Reason.HEAD_ALTERED, "The head row is gone.");
            }
            if (ends.first() < 1) {
                return new Broken(ends.first(), Reason.EVENT_INSERTED, "The first position is 1.");
            }
            Receipt receipt = range.receipt();
            long from = receipt == null ? range.from() : Math.min(range.from(), receipt.position() + 1);
            long asked = range.to() == null ? Math.max(head.position(), from - 1) : range.to();
            long to = receipt == null ? asked : Math.max(asked, receipt.position());

            Broken broken = startAfter(from - 1, head);
            if (broken == null) {
                broken = walk(Math.min(to, head.position()), true);
            }
            if (broken == null && to >= head.position()) {
                broken = end(head, to);
            }
            if (broken == null && erasedBy > position) {
                broken = behindTheRange();
            }
            return broken != null ? broken : uncovered;
        }

        private @Nullable Broken startAfter(long before, HeadRow head) throws SQLException {
            position = before;
            if (before == 0) {
                hash = chain.start(head.logId());
                return misfitOfReceipt();
            }
            if (before > head.position()) {
                return pastTheHead(head, head.position() + 1);
            }
            List<ChainRow> row = ChainPages.read(dataSource, before - 1, before, 1);
            if (row.isEmpty()) {
                return missing(Math.min(before, ends.last() + 1));
            }
            hash = row.getFirst().hash();
            return hash.length == Hash.LENGTH
                    ? misfitOfReceipt()
                    : broken(row.getFirst(), Reason.EVENT_ALTERED, "The event's hash is none.");
        }

        /** Goes on to a position; {@code counted} where that lies in the range. */
        private @Nullable Broken walk(long to, boolean counted) throws SQLException {
            if (position >= to) {
                return null;
            }
            try (ChainPages pages = new ChainPages(dataSource, position, to)) {
                for (List<ChainRow> page = pages.next(); !page.isEmpty(); page = pages.next()) {
                    Broken broken = walk(page, counted);
                    if (broken != null) {
                        return broken;
                    }
                    if (counted) {
                        progress.at(position, to, events);
                    }
                }
            }
            return position < to ? missing(position + 1) : null;
        }

        private @Nullable Broken walk(List<ChainRow> page, boolean counted) throws SQLException {
            List<ChainRow> withoutPayload = new ArrayList<>();
            for (ChainRow row : page) {
                Broken broken = step(row, counted ? withoutPayload : null);
                if (broken != null) {
                    return broken;
                }
            }
            if (!withoutPayload.isEmpty() && uncovered == null) {
                uncovered = withoutErasure(withoutPayload);
            }
            return null;
        }

        private @Nullable Broken step(ChainRow row, @Nullable List<ChainRow> withoutPayload) throws SQLException {
            if (row.position() != position + 1) {
                return missing(position + 1);
            }
            if (!row.fits(chain, hash, row.position())) {
                return misfit(row);
            }
            if (!row.hasItsDigest(chain)) {
                return broken(row, Reason.EVENT_ALTERED, "The event's columns do not make its digest.");
            }
            boolean isErased = row.isErased();
            if (!isErased && !row.hasItsPayload(chain)) {
                return broken(row, Reason.PAYLOAD_ALTERED, "The event's payload and salt do not make their hash.");
            }
            if (withoutPayload != null) {
                events++;
                if (isErased) {
                    erased++;
                    withoutPayload.add(row);
                }
            }
            hashBefore = hash;
            hash = row.hash();
            position = row.position();
            return misfitOfReceipt();
        }

        private @Nullable Broken misfitOfReceipt() {
            Receipt receipt = range.receipt();
            return receipt == null
                            || receipt.position() != position
                            || Arrays.equals(receipt.hash().bytes(), hash)
                    ? null
                    : new Broken(
                            position,
                            Reason.RECEIPT_MISMATCH,
                            "The receipt has another hash: up to here this is not the log that it was taken from.");
        }

        private @Nullable Broken withoutErasure(List<ChainRow> rows) throws SQLException {
            Map<Stream, @Nullable Erasing> erasures = new LinkedHashMap<>();
            for (ChainRow row : rows) {
                erasures.put(stream(row), null);
            }
            findErasures(erasures);
            for (ChainRow row : rows) {
                Erasing erasing = erasures.get(stream(row));
                if (erasing == null || erasing.version() <= row.version() || erasing.position() <= row.position()) {
                    return broken(
                            row,
                            Reason.ERASED_WITHOUT_ERASURE,
                            "The payload is gone, but no later event of the stream erases it.");
                }
                erasedBy = Math.max(erasedBy, erasing.position());
            }
            return null;
        }

        private void findErasures(Map<Stream, @Nullable Erasing> erasures) throws SQLException {
            List<Stream> streams = List.copyOf(erasures.keySet());
            try (Connection connection = dataSource.getConnection();
                    PreparedStatement statement = connection.prepareStatement(ERASURES)) {
                statement.setArray(
                        1,
                        connection.createArrayOf(
                                "text", streams.stream().map(Stream::namespace).toArray()));
                statement.setArray(
                        2,
                        connection.createArrayOf(
                                "text", streams.stream().map(Stream::stream).toArray()));
                statement.setArray(3, connection.createArrayOf("text", erasureTypes));
                try (ResultSet row = statement.executeQuery()) {
                    for (Stream stream : streams) {
                        row.next();
                        long version = row.getLong(1);
                        if (!row.wasNull()) {
                            erasures.put(stream, new Erasing(version, row.getLong(2)));
                        }
                    }
                }
            }
        }

        /** The range reaches the head: that, and nothing behind it, must be what the last event says. */
        private @Nullable Broken end(HeadRow head, long to) {
            if (!Arrays.equals(head.hash(), hash)
                    || (ends.last() == head.position()
                            && ends.last() > 0
                            && ends.lastRecordedAt() != head.recordedAt())) {
                return new Broken(
                        head.position(), Reason.HEAD_ALTERED, "The head row does not say what the last event does.");
            }
            return to > head.position() || ends.last() > head.position()
                    ? pastTheHead(head, head.position() + 1)
                    : null;
        }

        private Broken pastTheHead(HeadRow head, long behind) {
            return ends.last() > head.position()
                    ? new Broken(
                            behind,
                            Reason.HEAD_BEHIND,
                            "The log has events behind position " + head.position() + ", where its head row ends it.")
                    : new Broken(behind, Reason.TRUNCATED, "The log ends at position " + head.position() + ".");
        }

        private Broken missing(long at) {
            return at > ends.last()
                    ? new Broken(
                            at,
                            Reason.TRUNCATED,
                            "The last event stands at " + ends.last() + ", before the log's head.")
                    : new Broken(at, Reason.EVENT_MISSING, "There is no event here, but there are later ones.");
        }

        /** Events that erase others of the range are in the chain too. */
        private @Nullable Broken behindTheRange() throws SQLException {
            return walk(erasedBy, false);
        }

        private Broken broken(ChainRow row, Reason reason, String detail) {
            return new Broken(row.position(), reason, detail);
        }

        /** Why an event's hash does not follow: found by trying what each single change would have left behind. */
        private Broken misfit(ChainRow row) throws SQLException {
            long at = row.position();
            byte[] before = hashBefore;
            if (before != null && row.fits(chain, before, at - 1)) {
                return new Broken(at - 1, Reason.EVENT_INSERTED, "The event that belongs here stands behind it.");
            }
            List<ChainRow> following = ChainPages.read(dataSource, at, at + 2, 2);
            ChainRow next = following.isEmpty() ? null : following.getFirst();
            if (next != null && next.position() == at + 1 && next.fits(chain, hash, at)) {
                ChainRow afterNext = following.size() < 2 ? null : following.get(1);
                HeadRow head = ends.head();
                boolean swapped = afterNext != null
                        ? !afterNext.fits(chain, next.hash(), at + 1)
                        : head != null && Arrays.equals(head.hash(), row.hash());
                return swapped
                        ? broken(row, Reason.EVENT_REORDERED, "The event that belongs here stands at " + (at + 1) + ".")
                        : broken(row, Reason.EVENT_INSERTED, "The event that belongs here stands behind it.");
            }
            if (next != null && next.position() == at + 1 && next.fits(chain, row.hash(), at + 2)) {
                return broken(row, Reason.EVENT_MISSING, "An event is gone, and those behind it were moved up.");
            }
            long elsewhere = whereItStands(at);
            return elsewhere == 0
                    ? broken(row, Reason.EVENT_ALTERED, "The event's hash does not follow from the one before.")
                    : broken(row, Reason.EVENT_REORDERED, "The event that belongs here stands at " + elsewhere + ".");
        }

        /** The position behind {@code at} of the event that belongs there; 0 when it is not near. */
        private long whereItStands(long at) {
            try (ChainPages pages = new ChainPages(dataSource, at, at + SEARCHED_EVENTS)) {
                for (List<ChainRow> page = pages.next(); !page.isEmpty(); page = pages.next()) {
                    for (ChainRow row : page) {
                        if (row.fits(chain, hash, at)) {
                            return row.position();
                        }
                    }
                }
            }
            return 0;
        }
    }

    private static Stream stream(ChainRow row) {
        return new Stream(new String(row.namespace(), UTF_8), new String(row.stream(), UTF_8));
    }
}
