package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Callers;
import dev.runledger.benchmark.load.Callers.Call;
import dev.runledger.benchmark.load.Ids;
import dev.runledger.benchmark.load.Sample;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What PostgreSQL does for plain JDBC: rows of JSON into a table with the keys of a log and nothing else. No decision,
 * no chain, no metadata.
 */
final class RawJdbc implements AutoCloseable {

    private static final int BATCH = 1_000;
    private static final int EVENTS_OF_A_STREAM = 6;
    private static final String PAYLOAD =
            "{\"stepId\":\"step-1\",\"iteration\":1,\"attempt\":1,\"output\":[{\"dataset\":\"warehouse.customers_daily\","
                    + "\"rows\":123456,\"bytes\":98765432},{\"dataset\":\"warehouse.orders_daily\",\"rows\":654321,"
                    + "\"bytes\":12345678}]}";
    private static final String INSERT = """
            insert into event (position, stream, version, type, payload)
            values (?, ?, ?, ?, ?::json)
            """;

    private final Postgres postgres;
    private final List<Connection> connections = new ArrayList<>();
    private final AtomicLong position = new AtomicLong();

    private RawJdbc(Postgres postgres) {
        this.postgres = postgres;
    }

    static RawJdbc prepare(Postgres postgres) throws SQLException {
        postgres.execute(Lab.RAW, """
                create table event (
                  position    bigint      primary key,
                  stream      uuid        not null,
                  version     bigint      not null,
                  type        text        not null,
                  recorded_at timestamptz not null default now(),
                  payload     json        not null,
                  unique (stream, version)
                )
                """);
        return new RawJdbc(postgres);
    }

    /** Rows of one commit each, every connection waiting for its own. */
    Sample commits(int count, Duration duration) throws Exception {
        while (connections.size() < count) {
            connections.add(postgres.superuser(Lab.RAW));
        }
        return Callers.platform(count, duration, number -> commits(connections.get(number)));
    }

    private Call commits(Connection connection) throws SQLException {
        connection.setAutoCommit(true);
        var insert = connection.prepareStatement(INSERT);
        return new Call() {
            private UUID stream = Ids.next();
            private int version;

            @Override
            public void make() throws SQLException {
                if (version++ == EVENTS_OF_A_STREAM) {
                    stream = Ids.next();
                    version = 1;
                }
                bind(insert, stream, version, PAYLOAD);
                insert.executeUpdate();
            }
        };
    }

    /**
     * Rows over one connection, 1,000 in a transaction.
     *
     * @param payloads JSON texts, one a row, again from the first when all are used
     */
    Sample batches(List<String> payloads, int rows) throws SQLException {
        try (var connection = postgres.superuser(Lab.RAW);
                var insert = connection.prepareStatement(INSERT)) {
            connection.setAutoCommit(false);
            var stream = Ids.next();
            var begin = System.nanoTime();
            for (var row = 0; row < rows; row++) {
                if (row % payloads.size() == 0) {
                    stream = Ids.next();
                }
                bind(insert, stream, row % payloads.size(), payloads.get(row % payloads.size()));
                insert.addBatch();
                if (row % BATCH == BATCH - 1 || row == rows - 1) {
                    insert.executeBatch();
                    connection.commit();
                }
            }
            return Sample.rate(rows, System.nanoTime() - begin);
        }
    }

    private void bind(PreparedStatement insert, UUID stream, long version, String payload) throws SQLException {
        insert.setLong(1, position.incrementAndGet());
        insert.setObject(2, stream);
        insert.setLong(3, version);
        insert.setString(4, "StepCompleted");
        insert.setString(5, payload);
    }

    @Override
    public void close() throws SQLException {
        for (var connection : connections) {
            connection.close();
        }
    }
}
