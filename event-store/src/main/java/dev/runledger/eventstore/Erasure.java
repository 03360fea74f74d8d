package dev.runledger.eventstore;

import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Removes payloads for good, and nothing else: digests stay, so the chain still verifies. Readers get {@link Erased}
 * in their place.
 *
 * <p>What is removed is said by the log itself: an event of one of the types that {@link EventLogMigrations#migrate}
 * was given erases everything before it in its stream. The database holds that rule; whoever calls, nothing goes
 * without such an event.
 */
public final class Erasure {

    private final JdbcClient jdbc;

    /** @param dataSource the application's login */
    public Erasure(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
    }

    /**
     * Removes the payloads before the stream's newest erasing event, and the stream's snapshots, in one transaction.
     * Idempotent. A node that holds the stream's state in memory may write a snapshot of it once more after this.
     *
     * @return how many payloads there were left to remove
     * @throws NothingErasesException when the stream has no erasing event
     * @throws LogUnavailableException when the database is away
     */
    public long erase(StreamId stream) {
        try {
            return jdbc.sql("select event_log.erase(:namespace, :stream)")
                    .param("namespace", stream.namespace())
                    .param("stream", stream.stream())
                    .query(Long.class)
                    .single();
        } catch (DataAccessException e) {
            throw Failures.hasState(e, "55000") ? new NothingErasesException(stream) : Failures.ofReading(e);
        }
    }
}
