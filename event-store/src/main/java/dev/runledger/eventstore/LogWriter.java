package dev.runledger.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes groups of appends under the head row's lock, one transaction a group.
 *
 * <p>A group takes two round trips, with one more for each further 8 MiB or 5,000 events: the lock with
 * what it guards, then the rows with the new head and the commit. {@code begin} rides with the first, and
 * statements joined by semicolons share a round trip while each has a snapshot of its own: the versions
 * are read after the lock is held. (In one statement they would be read as of before the wait for it.)
 *
 * <p>When an append is overtaken again and again, as each time that its caller has read what it missed another writer
 * has appended more, this writer takes a lease of the stream: until it has appended, the others' appends to that stream
 * are stale whatever they expect. The head row holds one lease at most; taking one and giving it back are a round trip
 * more, and a commit when the group appends nothing else.
 */
final class LogWriter {

    private static final Logger logger = LoggerFactory.getLogger(LogWriter.class);

    /** How much longer than its wait for the head row a server may take to say that it waited in vain. */
    private static final Duration LATENESS = Duration.ofSeconds(5);

    private static final int CHUNK_EVENTS = 5_000;
    private static final int CHUNK_BYTES = 8 << 20;

    /**
     * Waits for the row as long as another writer may hold it. A node that stops while it holds the row, without
     * its connection being seen to break, loses it. Versions are read from the index that has their order also when
     * the server knows the table as a small one, as it does until the statistics of a log that grows fast are taken
     * again: a scan of the table, or of the index by namespace, would be cheap then, and has to be sorted.
     */
    private static final String LOCK_HEAD = """
            select set_config('lock_timeout', ?, true),
              set_config('idle_in_transaction_session_timeout', '30s', true),
              set_config('enable_seqscan', 'off', true),
              set_config('enable_sort', 'off', true);

            select position, hash, greatest(recorded_at, clock_timestamp()) as recorded_at,
              case
                when lease_until > clock_timestamp()
                  and lease_until <= clock_timestamp() + ? * interval '1 millisecond'
                then lease_holder
              end as lease_holder,
              lease_namespace, lease_stream
            from event_log.head
            where id = 1
            for update
            """;

    private static final String SET_LEASE = """
            update event_log.head
            set lease_holder = ?, lease_namespace = ?, lease_stream = ?,
              lease_until = clock_timestamp() + ? * interval '1 millisecond'
            where id = 1
            """;

    /** Of one stream. Kept apart from {@link #READ_VERSIONS}, which the server plans anew each time. */
    static final String READ_VERSION = """
            select coalesce((
                select version
                from event_log.event
                where namespace = ?
                  and stream = ?
                order by version desc
                limit 1
              ), 0) as version
            """;

    /** Of several streams, in their order. A subquery a stream, as a join could become a scan of the log. */
    static final String READ_VERSIONS = """
            select coalesce((
                select event.version
                from event_log.event
                where event.namespace = wanted.namespace
                  and event.stream = wanted.stream
                order by event.version desc
                limit 1
              ), 0) as version
            from unnest(?, ?) with ordinality as wanted (namespace, stream, number)
            order by number
            """;

    private static final String LOCK_HEAD_AND_READ_VERSION = LOCK_HEAD + ";\n" + READ_VERSION;
    private static final String LOCK_HEAD_AND_READ_VERSIONS = LOCK_HEAD + ";\n" + READ_VERSIONS;

    private static final String LOCK_HEAD_AND_READ_HASH = LOCK_HEAD + """
            ;

            select hash
            from event_log.event
            where position = ?
            """;

    private static final String INSERT_EVENTS = """
            insert into event_log.event (
              position, recorded_at, namespace, stream, version, event_id, type, revision, occurred_at,
              metadata, payload, payload_salt, payload_hash, digest, hash
            )
            select ? + fresh.number, ?, fresh.namespace, fresh.stream, fresh.version, fresh.event_id,
              fresh.type, fresh.revision, fresh.occurred_at, fresh.metadata::json, fresh.payload::json,
              fresh.payload_salt, fresh.payload_hash, fresh.digest, fresh.hash
            from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) with ordinality as fresh (
              namespace, stream, version, event_id, type, revision, occurred_at,
              metadata, payload, payload_salt, payload_hash, digest, hash, number
            )
            """;

    private static final String INSERT_EVENTS_MOVE_HEAD_AND_COMMIT = INSERT_EVENTS + """
            ;

            update event_log.head
            set position = ?, recorded_at = ?, hash = ?
            where id = 1;

            commit
            """;

    private final DataSource dataSource;
    private final Durable durable;
    private final Duration headWait;
    private final Duration silence;
    private final Duration lease;
    private final Watchdog watchdog;
    private final UUID id = UUID.randomUUID();

    /**
     * @param durable is told of each commit, before the callers are answered
     * @param limits  how long to wait for whom
     */
    LogWriter(DataSource dataSource, Durable durable, GroupCommit.Limits limits) {
        this.dataSource = dataSource;
        this.durable = durable;
        this.headWait = limits.headWait();
        this.silence = limits.silence();
        this.lease = limits.lease();
        this.watchdog = new Watchdog(silence);
    }

    /**
     * Writes and commits all appends of a group that are not stale. The caller answers them.
     *
     * @throws OutcomeUnknownException when the group may be stored all the same
     * @throws SQLException when nothing of it is stored
     */
    Group write(List<PendingAppend> appends) throws SQLException, OutcomeUnknownException {
        Connection connection = dataSource.getConnection();
        Group committing = null;
        try {
            begin(connection);
            Map<StreamId, Long> versions = new LinkedHashMap<>();
            for (PendingAppend append : appends) {
                for (NewEvent event : append.events()) {
                    versions.put(event.stream(), 0L);
                }
            }
            LockedHead head = lockHead(connection, versions);
            Group group = new Group(head.position(), leftToAnother(head.lease()));
            for (PendingAppend append : appends) {
                group.add(append, versions);
            }
            boolean leased = passLease(connection, group, head.lease());
            List<NewEvent> events = group.events();
            if (events.isEmpty()) {
                if (leased) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
                return group;
            }
            byte[][] hashes = hashes(events, head);
            group.firstHash = hashes[0];
            expectAnswerWithin(silence, connection);
            int from = 0;
            for (int to = chunkEnd(events, 0); to < events.size(); to = chunkEnd(events, from)) {
                watchdog.begins(connection);
                insert(connection, events, hashes, from, to, head);
                from = to;
            }
            committing = group;
            watchdog.begins(connection);
            insertLast(connection, events, hashes, from, head);
            watchdog.ended();
            durable.written(new Written(head.position(), Hash.of(head.hash()), head.recordedAt(), events, hashes));
            return group;
        } catch (SQLException e) {
            rollBack(connection, e);
            if (committing != null && DatabaseAway.isBehind(e)) {
                throw new OutcomeUnknownException(committing, e);
            }
            throw e;
        } catch (RuntimeException | Error e) {
            rollBack(connection, e);
            if (committing != null) {
                throw new OutcomeUnknownException(committing, e);
            }
            throw e;
        } finally {
            watchdog.ended();
            close(connection);
        }
    }

    /**
     * Whether a group whose commit was not confirmed is stored. Takes the head row, which the lost transaction
     * held: so that is over. The hash covers the events' streams, versions and ids, and all that was before.
     */
    boolean isStored(Group group) throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            begin(connection);
            try (PreparedStatement statement = connection.prepareStatement(LOCK_HEAD_AND_READ_HASH)) {
                setLockParameters(statement);
                statement.setLong(3, group.headPosition + 1);
                statement.execute();
                nextRows(statement);
                boolean stored;
                try (ResultSet row = nextRows(statement)) {
                    stored = row.next() && Arrays.equals(row.getBytes("hash"), group.firstHash);
                }
                connection.rollback();
                if (stored) {
                    durable.found(group.headPosition + group.events.size());
                }
                return stored;
            }
        } catch (SQLException | RuntimeException e) {
            rollBack(connection, e);
            throw e;
        } finally {
            close(connection);
        }
    }

    private void begin(Connection connection) throws SQLException {
        Duration locked = headWait.plus(LATENESS);
        expectAnswerWithin(locked.compareTo(silence) < 0 ? locked : silence, connection);
        connection.setAutoCommit(false);
    }

    private static void expectAnswerWithin(Duration time, Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(time.toMillis()));
    }

    /** Those of {@link #LOCK_HEAD}; of a lease that would last longer, a clock was put back under it. */
    private void setLockParameters(PreparedStatement statement) throws SQLException {
        statement.setString(1, headWait.toMillis() + "ms");
        statement.setLong(2, lease.toMillis());
    }

    /** What a failure here says is of no interest: the transaction is over. */
    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            logger.debug("A connection could not be closed", e);
        }
    }

    private LockedHead lockHead(Connection connection, Map<StreamId, Long> versions) throws SQLException {
        List<StreamId> streams = List.copyOf(versions.keySet());
        boolean one = streams.size() == 1;
        try (PreparedStatement statement =
                connection.prepareStatement(one ? LOCK_HEAD_AND_READ_VERSION : LOCK_HEAD_AND_READ_VERSIONS)) {
            setLockParameters(statement);
            if (one) {
                statement.setString(3, streams.getFirst().namespace());
                statement.setString(4, streams.getFirst().stream());
            } else {
                bindNames(statement, streams);
            }
            statement.execute();
            LockedHead head;
            try (ResultSet row = nextRows(statement)) {
                if (!row.next()) {
                    throw new SQLException("event_log.head has no row");
                }
                head = new LockedHead(
                        row.getLong("position"),
                        row.getBytes("hash"),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                        lease(row));
            }
            try (ResultSet row = nextRows(statement)) {
                for (StreamId stream : streams) {
                    row.next();
                    versions.put(stream, row.getLong("version"));
                }
            }
            return head;
        }
    }

    /**
     * Gives back the lease that has served, and takes one, where none is in force, for a stream at which an append has
     * been overtaken again and again. Returns whether it did either.
     */
    private boolean passLease(Connection connection, Group group, @Nullable Lease inForce) throws SQLException {
        StreamId overtaken = group.streamOfMostOvertaken();
        StreamId own = inForce != null && inForce.holder().equals(id) ? inForce.stream() : null;
        boolean served = own != null && group.hasAppendedTo(own);
        boolean passes = served || (inForce == null && overtaken != null);
        if (passes) {
            own = overtaken;
            setLease(connection, own);
        }
        group.leased = own;
        return passes;
    }

    private @Nullable StreamId leftToAnother(@Nullable Lease inForce) {
        return inForce == null || inForce.holder().equals(id) ? null : inForce.stream();
    }

    private static @Nullable Lease lease(ResultSet row) throws SQLException {
        UUID holder = row.getObject("lease_holder", UUID.class);
        return holder == null
                ? null
                : new Lease(holder, new StreamId(row.getString("lease_namespace"), row.getString("lease_stream")));
    }

    private void setLease(Connection connection, @Nullable StreamId stream) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SET_LEASE)) {
            statement.setObject(1, stream == null ? null : id, Types.OTHER);
            statement.setString(2, stream == null ? null : stream.namespace());
            statement.setString(3, stream == null ? null : stream.stream());
            statement.setLong(4, stream == null ? 0 : lease.toMillis());
            statement.execute();
        }
    }

    /** What the next of the statements joined by semicolons found. */
    private static ResultSet nextRows(PreparedStatement statement) throws SQLException {
        if (!statement.getMoreResults()) {
            throw new SQLException("the event log's database left a question without an answer");
        }
        return statement.getResultSet();
    }

    private static void bindNames(PreparedStatement statement, List<StreamId> streams) throws SQLException {
        Connection connection = statement.getConnection();
        String[] namespaces = streams.stream().map(StreamId::namespace).toArray(String[]::new);
        String[] names = streams.stream().map(StreamId::stream).toArray(String[]::new);
        statement.setArray(3, connection.createArrayOf("text", namespaces));
        statement.setArray(4, connection.createArrayOf("text", names));
    }

    private static byte[][] hashes(List<NewEvent> events, LockedHead head) {
        Chain chain = new Chain();
        byte[][] hashes = new byte[events.size()][];
        byte[] previous = head.hash();
        for (int i = 0; i < hashes.length; i++) {
            previous = chain.hash(
                    previous,
                    head.position() + i + 1,
                    head.recordedAt(),
                    events.get(i).digest());
            hashes[i] = previous;
        }
        return hashes;
    }

    private static int chunkEnd(List<NewEvent> events, int from) {
        int to = from;
        long bytes = 0;
        while (to < events.size() && to - from < CHUNK_EVENTS && bytes < CHUNK_BYTES) {
            bytes += events.get(to).bytes();
            to++;
        }
        return to;
    }

    private static void insert(
            Connection connection, List<NewEvent> events, byte[][] hashes, int from, int to, LockedHead head)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_EVENTS)) {
            bind(statement, events.subList(from, to), hashes, from, head);
            statement.execute();
        }
    }

    private static void insertLast(
            Connection connection, List<NewEvent> events, byte[][] hashes, int from, LockedHead head)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_EVENTS_MOVE_HEAD_AND_COMMIT)) {
            int next = bind(statement, events.subList(from, events.size()), hashes, from, head);
            statement.setLong(next++, head.position() + events.size());
            statement.setObject(next++, head.recordedAt().atOffset(ZoneOffset.UTC));
            statement.setBytes(next, hashes[hashes.length - 1]);
            statement.execute();
        }
    }

    /** Binds the parameters of {@link #INSERT_EVENTS} and returns the number of the one after. */
    private static int bind(
            PreparedStatement statement, List<NewEvent> events, byte[][] hashes, int from, LockedHead head)
            throws SQLException {
        byte[][] chunkHashes = new byte[events.size()][];
        System.arraycopy(hashes, from, chunkHashes, 0, chunkHashes.length);
        int next = 1;
        statement.setLong(next++, head.position() + from);
        statement.setObject(next++, head.recordedAt().atOffset(ZoneOffset.UTC));
        Columns columns = new Columns(statement, events);
        columns.set(next++, "text", new String[0], event -> event.stream().namespace());
        columns.set(next++, "text", new String[0], event -> event.stream().stream());
        columns.set(next++, "int8", new Long[0], NewEvent::version);
        columns.set(next++, "uuid", new UUID[0], NewEvent::eventId);
        columns.set(next++, "text", new String[0], NewEvent::type);
        columns.set(next++, "int4", new Integer[0], NewEvent::revision);
        columns.set(next++, "timestamptz", new Instant[0], NewEvent::occurredAt);
        columns.set(next++, "text", new String[0], NewEvent::metadata);
        columns.set(next++, "text", new String[0], NewEvent::payload);
        columns.set(next++, "bytea", new byte[0][], NewEvent::payloadSalt);
        columns.set(next++, "bytea", new byte[0][], NewEvent::payloadHash);
        columns.set(next++, "bytea", new byte[0][], NewEvent::digest);
        statement.setArray(next++, statement.getConnection().createArrayOf("bytea", chunkHashes));
        return next;
    }

    private static void rollBack(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    /** Is told of what became durable; must be quick and not throw. */
    interface Durable {

        /** A group has been written. */
        void written(Written group);

        /** A group whose commit had not been confirmed turned out to be stored, up to this position. */
        void found(long position);
    }

    /** Appends that were written in one transaction, in their order, and those that were stale. */
    static final class Group {

        private final long headPosition;
        private final @Nullable StreamId leftToAnother;
        private final List<NewEvent> events = new ArrayList<>();
        private final Map<PendingAppend, List<AppendReceipt>> accepted = new LinkedHashMap<>();
        private final Map<PendingAppend, Stale> stale = new LinkedHashMap<>();
        private byte[] firstHash = new byte[0];
        private @Nullable StreamId leased;

        /** @param leftToAnother the stream that another writer has a lease of */
        private Group(long headPosition, @Nullable StreamId leftToAnother) {
            this.headPosition = headPosition;
            this.leftToAnother = leftToAnother;
        }

        private List<NewEvent> events() {
            return events;
        }

        /** Takes the append unless it is stale, with the versions that the streams have reached before it. */
        private void add(PendingAppend append, Map<StreamId, Long> versions) {
            List<NewEvent> added = append.events();
            Map<StreamId, Long> reached = new HashMap<>();
            Map<StreamId, AppendReceipt> receipts = new LinkedHashMap<>();
            long position = headPosition + events.size();
            for (int i = 0; i < added.size(); i++) {
                NewEvent event = added.get(i);
                StreamId stream = event.stream();
                Long own = reached.put(stream, event.version());
                long actual = own == null ? versions.getOrDefault(stream, 0L) : own;
                long expected = event.version() - 1;
                if (actual != expected || stream.equals(leftToAnother)) {
                    stale.put(append, new Stale(i, stream, expected, actual));
                    return;
                }
                position++;
                receipts.remove(stream);
                receipts.put(stream, new AppendReceipt(stream, event.version(), position));
            }
            versions.putAll(reached);
            events.addAll(added);
            accepted.put(append, new ArrayList<>(receipts.values()));
        }

        private boolean hasAppendedTo(StreamId stream) {
            return accepted.values().stream()
                    .anyMatch(receipts -> receipts.stream()
                            .anyMatch(receipt -> receipt.stream().equals(stream)));
        }

        /** Null when none has been overtaken often enough. */
        private @Nullable StreamId streamOfMostOvertaken() {
            return stale.entrySet().stream()
                    .filter(append -> append.getKey().attempt() >= AppendAttempt.LEASES)
                    .max(Comparator.comparingInt(append -> append.getKey().attempt()))
                    .map(append -> append.getValue().stream())
                    .orElse(null);
        }

        /** Says that the group is stored, and that the stale ones are stale. */
        void answer() {
            accepted.forEach(PendingAppend::stored);
            stale.forEach((append, why) -> append.failed(why.exception(leased)));
        }

        /** @param reason takes whether the append may be stored */
        void failed(Function<Boolean, LogUnavailableException> reason) {
            accepted.keySet().forEach(append -> append.failed(reason.apply(true)));
            stale.keySet().forEach(append -> append.failed(reason.apply(false)));
        }
    }

    /**
     * Why an append was not taken.
     *
     * @param index    of the event
     * @param expected the version that it was to follow
     */
    private record Stale(int index, StreamId stream, long expected, long actual) {

        StaleAppendException exception(@Nullable StreamId leased) {
            return new StaleAppendException(
                    index, new VersionConflict(stream, expected, actual, stream.equals(leased)));
        }
    }

    /**
     * The head row as this transaction holds it.
     *
     * @param recordedAt the time of this append
     * @param lease      null when none is in force
     */
    private record LockedHead(
            long position,
            byte[] hash,
            Instant recordedAt,
            @Nullable Lease lease) {}

    /** Leaves a stream to one writer, until that has appended to it, or for so long. */
    private record Lease(UUID holder, StreamId stream) {}

    /** Binds one array a column. */
    private record Columns(PreparedStatement statement, List<NewEvent> events) {

        <T> void set(int parameter, String sqlType, T[] type, Function<NewEvent, T> value) throws SQLException {
            T[] values = events.stream().map(value).toList().toArray(type);
            statement.setArray(parameter, statement.getConnection().createArrayOf(sqlType, values));
        }
    }
}
