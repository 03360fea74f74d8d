package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** All of a log, as it lies in the database. */
final class WholeLog {

    private WholeLog() {}

    /**
     * That positions are 1, 2, 3 …, each stream's versions too, that recordedAt never decreases and that the hash
     * chain leads from the log's id to the head.
     *
     * @return all events
     */
    static List<StoredEvent> assertUnbroken(TestDatabase database) {
        List<StoredEvent> stored = read(database);
        assertThat(stored).extracting(StoredEvent::position).containsExactlyElementsOf(upTo(stored.size()));
        Map<StreamId, Long> versions = new HashMap<>();
        Instant recordedAt = Instant.MIN;
        for (StoredEvent event : stored) {
            assertThat(event.version()).isEqualTo(versions.merge(event.streamId(), 1L, Long::sum));
            assertThat(event.recordedAt()).isAfterOrEqualTo(recordedAt);
            recordedAt = event.recordedAt();
        }
        assertChainHolds(database);
        return stored;
    }

    static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static List<StoredEvent> read(TestDatabase database) {
        List<StoredEvent> all = new ArrayList<>();
        for (Long after = 0L; after != null; ) {
            Page page = new EventLog(database.owner()).readAll(after, 10_000);
            all.addAll(page.events());
            after = page.next();
        }
        return all;
    }

    private static void assertChainHolds(TestDatabase database) {
        Chain chain = new Chain();
        JdbcClient owner = JdbcClient.create(database.owner());
        byte[][] previous = {
            chain.start(owner.sql("select log_id from event_log.head")
                    .query(UUID.class)
                    .single())
        };
        owner.sql("select position, recorded_at, digest, hash from event_log.event order by position")
                .query(row -> {
                    byte[] hash = chain.hash(
                            previous[0],
                            row.getLong("position"),
                            row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                            row.getBytes("digest"));
                    assertThat(row.getBytes("hash")).isEqualTo(hash);
                    previous[0] = hash;
                });
        assertThat(new EventLog(database.owner()).head().hash()).isEqualTo(Hash.of(previous[0]));
    }
}
