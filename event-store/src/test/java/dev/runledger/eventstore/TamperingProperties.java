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

/** Whatever is done to the stored log, it is found, and never behind the first place where it was done. */
class TamperingProperties {

    private static final int EVENTS = 40;
    private static final StreamId ERASED = new StreamId("ns", "execution/erased");

    private static final ErasableLog LOG = new ErasableLog();
    private static final Receipt RECEIPT = append();

    private static Receipt append() {
        LOG.append(TestLog.STREAM, 1, 15);
        LOG.append(ERASED, 1, 10);
        LOG.appendErasing(ERASED, 11);
        LOG.erasure.erase(ERASED);
        LOG.append(TestLog.STREAM, 16, 14);
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

    /** @param first the first position that is touched */
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
        return Arbitraries.oneOf(
                List.of(altered(position), removed(position), swapped(position), moved(position), truncated(position)));
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
