package dev.runledger.app.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.runledger.query.ReadConnections;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the pools beside that of the requests take over from it. */
class DatabaseConfigurationTest {

    private static String beginningOfReads(@Nullable String ofRequests) throws Exception {
        try (var requests = new HikariDataSource()) {
            requests.setJdbcUrl("jdbc:postgresql://localhost:1/nowhere");
            requests.setInitializationFailTimeout(-1);
            requests.setConnectionInitSql(ofRequests);
            try (var reads = new DatabaseConfiguration().readConnections(requests, 2, new SimpleMeterRegistry())) {
                return ((HikariDataSource) reads.pool()).getConnectionInitSql();
            }
        }
    }

    @Test
    void readsBeginWithWhatTheOperatorSetsAndThenTheirOwnSettings() throws Exception {
        assertThat(beginningOfReads("set work_mem = '8MB' -- for all"))
                .isEqualTo("set work_mem = '8MB' -- for all\n;\n" + ReadConnections.SETTINGS.strip());
        assertThat(beginningOfReads(null)).isEqualTo(ReadConnections.SETTINGS.strip());
    }
}
