package dev.runledger.benchmark;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;

/** The baseline for ingest: the same amount of JSON into a table of the same keys, by plain JDBC batches. */
final class RawInserts {

    private static final int BATCH = 1000;
    private static final String PAYLOAD = "{\"stepId\":\"NFCORE_RNASEQ.ALIGN_STAR.SAMTOOLS_SORT_117\",\"iteration\":1,"
            + "\"attempt\":1,\"output\":{\"runtimeInSeconds\":117.219,\"avgCPU\":98.4,\"memoryInBytes\":6112231424,"
            + "\"readBytes\":2113929216,\"writtenBytes\":1073741824}}";

    private RawInserts() {}

    /** Rows a second over one connection, 1,000 rows a transaction, with everything durable. */
    static double rowsPerSecond(int rows) throws IOException, SQLException {
        try (var postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
            var properties = new Properties();
            properties.setProperty("reWriteBatchedInserts", "true");
            try (var connection =
                    DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"), properties)) {
                connection.setAutoCommit(false);
                try (var ddl = connection.createStatement()) {
                    ddl.execute("""
                            create table event (
                              position bigint primary key, stream uuid not null, version bigint not null,
                              type text not null, recorded_at timestamptz not null default now(),
                              payload json not null, unique (stream, version))
                            """);
                }
                connection.commit();
                var begin = System.nanoTime();
                insert(connection, rows);
                return rows * 1e9 / (System.nanoTime() - begin);
            }
        }
    }

    private static void insert(Connection connection, int rows) throws SQLException {
        try (var insert = connection.prepareStatement(
                "insert into event (position, stream, version, type, payload) values (?, ?, ?, ?, ?::json)")) {
            var stream = UUID.randomUUID();
            for (var row = 0; row < rows; row++) {
                if (row % 400 == 0) {
                    stream = UUID.randomUUID();
                }
                insert.setLong(1, row + 1L);
                insert.setObject(2, stream);
                insert.setLong(3, row % 400);
                insert.setString(4, "StepCompleted");
                insert.setString(5, PAYLOAD);
                insert.addBatch();
                if (row % BATCH == BATCH - 1 || row == rows - 1) {
                    insert.executeBatch();
                    connection.commit();
                }
            }
        }
    }
}
