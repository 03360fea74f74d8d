package dev.runledger.query;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The connections that pages and single rows are read on, of the login that owns {@code read_model}. Each has
 * {@link #SETTINGS} from its beginning.
 *
 * @param pool as many as there are reads at once
 */
public record ReadConnections(DataSource pool) implements AutoCloseable {

    /**
     * A statement that is read here names the order of the one index that it walks. Without sorting no other plan has that
     * order, whatever the statistics say, or before there are any; so one plan does for all values, and none is made again.
     */
    public static final String SETTINGS = """
            set enable_sort = off;
            set enable_incremental_sort = off;
            set plan_cache_mode = force_generic_plan;
            set jit = off
            """;

    /** What a connection begins with whose pool has statements of its own for that, which come first. */
    public static String settingsAfter(@Nullable String own) {
        return own == null || own.isBlank() ? SETTINGS : own.strip() + "\n;\n" + SETTINGS;
    }

    /** Reads on these. */
    public JdbcClient client() {
        return JdbcClient.create(pool);
    }

    @Override
    public void close() throws Exception {
        if (pool instanceof AutoCloseable closing) {
            closing.close();
        }
    }
}
