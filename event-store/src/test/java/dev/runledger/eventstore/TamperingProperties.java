package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.ChainVerifier.Range;
import dev.runledger.eventstore.Verification.Broken;
import dev.runledger.eventstore.Verification.Intact;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterTry;
import org.springframework.jdbc.core.JdbcTemplate;

/** Whatever is done to the stored log, it is found, and never behind the first place where it was done. */
class TamperingProperties {

    private static final int EVENTS = 40;
    private static final StreamId ERASED = new StreamId("ns", "execution/erased");

    /** What somebody writes who knows how the chain is made: links the events from a position on, and the head. */
    private static final String CHAIN = """
            create function event_log.chain(from_position bigint) returns void
            language plpgsql
            as $$
            declare
              link event_log.event;
              previous bytea := coalesce(
                (select hash from event_log.event where position = from_position - 1),
                (select sha256(uuid_send(log_id)) from event_log.head));
            begin
              for link in select * from event_log.event where position >= from_position order by position loop
                previous := sha256(
                  previous || int8send(link.position)
                    || int8send((extract(epoch from link.recorded_at) * 1000000)::bigint) || link.digest);
                update event_log.event set hash = previous where position = link.position;
              end loop;
              update event_log.head
              set (position, hash, recorded_at) =
                (select position, hash, recorded_at from event_log.event order by position desc limit 1);
            end
            $$
            """;

    private static final ErasableLog LOG = new ErasableLog();
    private static final Receipt RECEIPT = append();

    private static Receipt append() {
        LOG.append(TestLog.STREAM, 1, 15);
        LOG.append(ERASED, 1, 10);
        LOG.appendErasing(ERASED, 11);
        LOG.erasure.erase(ERASED);
        LOG.append(TestLog.STREAM, 16, 14);
        new JdbcTemplate(LOG.test.database.owner()).execute(CHAIN);
        LOG.test.database.asSuperuser("create table event_log.event_as_it_was as table event_log.event; "
                + "create table event_log.head_as_it_was as table event_log.head");
        return LOG.receipt();
    }

    @AfterTry
    void restore() {
        LOG.tamper("truncate event_log.event; insert into event_log.event table event_log.event_as_it_was; "
                + "delete from event_log.head; insert into event_log.head table event_log.head_as_it_was");
    }

    @AfterContainer
    static void close() {
        LOG.close();
    }

    /** @param first the first position that is touched, or where the receipt does not fit when only that can tell */
    record Tampering(long first, String sql) {}

    @Property(tries = 150)
    void isFound(@ForAll("tamperings") Tampering tampering) {
        assertThat(LOG.verify()).isInstanceOf(Intact.class);
        LOG.tamper(tampering.sql());

        assertThat(LOG.verify(new Range(1, null, RECEIPT)))
                .as(tampering.toString())
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> assertThat(broken.position())
                                .as(broken.toString())
                                .isEqualTo(tampering.first()));
    }

    @Provide
    Arbitrary<Tampering> tamperings() {
        Arbitrary<Long> position = Arbitraries.longs().between(1, EVENTS);
        return Arbitraries.oneOf(List.of(
                altered(position),
                removed(position),
                swapped(position),
                moved(position),
                truncated(position),
                emptied(),
                inserted(position)));
    }

    private static Arbitrary<Tampering> altered(Arbitrary<Long> position) {
        Arbitrary<String> change = Arbitraries.of(
                "namespace = namespace || 'x'",
                "stream = stream || 'x'",
                "version = version + 1000",
                "event_id = gen_random_uuid()",
                "type = type || 'x'",
                "revision = revision + 1",
                "occurred_at = occurred_at - interval '1 microsecond'",
                "recorded_at = recorded_at - interval '1 microsecond'",
                "metadata = (metadata::text || ' ')::json",
                "payload = '{\"more\":1}'",
                "payload_salt = sha256('')",
                "payload_hash = set_byte(payload_hash, 31, get_byte(payload_hash, 31) # 1)",
                "digest = set_byte(digest, 0, get_byte(digest, 0) # 128)",
                "hash = set_byte(hash, 16, get_byte(hash, 16) # 16)");
        return Combinators.combine(position, change)
                .as((at, set) -> new Tampering(at, "update event_log.event set " + set + " where position = " + at));
    }

    private static Arbitrary<Tampering> removed(Arbitrary<Long> position) {
        return Combinators.combine(position, position)
                .as((one, other) -> new Tampering(
                        Math.min(one, other),
                        "delete from event_log.event where position between " + Math.min(one, other) + " and "
                                + Math.max(one, other)));
    }

    private static Arbitrary<Tampering> swapped(Arbitrary<Long> position) {
        return Combinators.combine(position, position)
                .filter((one, other) -> !one.equals(other))
                .as((one, other) -> new Tampering(
                        Math.min(one, other),
                        "update event_log.event set position = -1 where position = " + one
                                + "; update event_log.event set position = " + one + " where position = " + other
                                + "; update event_log.event set position = " + other + " where position = -1"));
    }

    private static Arbitrary<Tampering> moved(Arbitrary<Long> position) {
        return Combinators.combine(position, Arbitraries.longs().between(1, 5))
                .as((at, by) -> new Tampering(
                        at,
                        "update event_log.event set position = -position where position >= " + at
                                + "; update event_log.event set position = -position + " + by
                                + " where position < 0"));
    }

    /** As an erasure does it, but no event says so. */
    private static Arbitrary<Tampering> emptied() {
        return Arbitraries.longs()
                .between(1, 15)
                .map(at -> new Tampering(
                        at, "update event_log.event set payload = null, payload_salt = null where position = " + at));
    }

    /** A whole event with a digest of its own, and the chain made to fit up to the head: only the receipt tells. */
    private static Arbitrary<Tampering> inserted(Arbitrary<Long> position) {
        return position.map(at -> new Tampering(EVENTS, """
                update event_log.event set position = -position where position >= %1$d;
                update event_log.event set position = -position + 1 where position < 0;
                insert into event_log.event
                select %1$d, namespace, 'execution/inserted', 1, event_id, type, revision, occurred_at,
                  (select recorded_at from event_log.event where position = %1$d + 1), metadata, payload,
                  payload_salt, payload_hash,
                  sha256(
                    int4send(octet_length(namespace)) || namespace::bytea
                      || int4send(18) || 'execution/inserted'::bytea
                      || int8send(1) || uuid_send(event_id)
                      || int4send(octet_length(type)) || type::bytea
                      || int4send(revision)
                      || int8send((extract(epoch from occurred_at) * 1000000)::bigint)
                      || sha256(metadata::text::bytea)
                      || payload_hash),
                  hash
                from event_log.event
                where position = case when %1$d = 1 then 2 else 1 end;
                select event_log.chain(%1$d)
                """.formatted(at)));
    }

    private static Arbitrary<Tampering> truncated(Arbitrary<Long> position) {
        return position.map(at -> new Tampering(
                at,
                "delete from event_log.event where position >= " + at
                        + "; update event_log.head set position = " + (at - 1) + ", hash = coalesce("
                        + "(select hash from event_log.event where position = " + (at - 1)
                        + "), sha256(uuid_send(log_id))), recorded_at = coalesce("
                        + "(select recorded_at from event_log.event where position = " + (at - 1)
                        + "), recorded_at)"));
    }
}
