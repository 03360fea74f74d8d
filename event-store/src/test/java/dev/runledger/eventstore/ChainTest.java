package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.TestLog.Noted;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChainTest {

    private final Chain chain = new Chain();

    /** Computed once by other means (Python's hashlib and struct); the bytes must never change. */
    @Test
    void keepsItsByteLayout() {
        byte[] start = chain.start(UUID.fromString("0198c0de-0000-7000-8000-0000000000ff"));
        byte[] salt = new byte[16];
        for (byte i = 0; i < salt.length; i++) {
            salt[i] = i;
        }
        byte[] payloadHash = chain.payloadHash(salt, "{\"stepId\":\"größe\"}".getBytes(UTF_8));
        byte[] digest = chain.digest(
                "ns".getBytes(UTF_8),
                "execution/ä".getBytes(UTF_8),
                3,
                UUID.fromString("0198c0de-0000-7000-8000-000000000001"),
                "StepCompleted".getBytes(UTF_8),
                1,
                Instant.parse("2026-01-01T00:00:00.123456Z"),
                "{\"actor\":\"w-1\"}".getBytes(UTF_8),
                payloadHash);
        byte[] hash = chain.hash(start, 7, Instant.parse("2026-01-01T00:00:01.000001Z"), digest);

        assertThat(hex(start)).isEqualTo("4e2b67e585da4ff0c8337ac0049b864e413173ca26ebe638f60cc0769e1d0108");
        assertThat(hex(payloadHash)).isEqualTo("d1ef2d79050128b35c467eed191c8c9b0c8cf5cfeb5ed17e92223603feae585d");
        assertThat(hex(digest)).isEqualTo("b40538c3c17e1ae33e16f66772d60f0ab075af33d2e1398e38d3351df3fb718e");
        assertThat(hex(hash)).isEqualTo("268d43ae7b4eaebb7cc16fe7bb6ce3b96e60d346835f32fb44db7593270b538a");
    }

    @Test
    void countsMicrosecondsBefore1970Downwards() {
        assertThat(Chain.micros(Instant.parse("1969-12-31T23:59:59.999999Z"))).isEqualTo(-1);
        assertThat(Chain.micros(Instant.EPOCH)).isZero();
    }

    /** What a stranger with nothing but the database would compute. */
    @Test
    void isWhatPlainSqlComputes() {
        try (TestLog test = new TestLog()) {
            test.engine.appendEvents(TestLog.events(TestLog.STREAM, 1, 50));
            test.engine.appendEvents(
                    TestLog.event(new StreamId("näme", "größe/𝄞"), 1, new Noted("größe 𝄞 \\u"), Map.of("k", "ü")));
            test.engine.appendEvents(TestLog.event(
                    TestLog.STREAM, 51, new Noted("old"), Map.of("occurredAt", "1907-01-01T00:00:00.000001Z")));
            test.engine.appendEvents(TestLog.events(TestLog.STREAM, 52, 50));

            List<@Nullable Long> broken = test.sql.sql("""
                            with event as (
                              select *,
                                coalesce(
                                  lag(hash) over (order by position),
                                  (select sha256(uuid_send(log_id)) from event_log.head)
                                ) as previous
                              from event_log.event
                            )
                            select position
                            from event
                            where payload_hash <> sha256(payload_salt || convert_to(payload::text, 'UTF8'))
                               or digest <> sha256(
                                    int4send(octet_length(convert_to(namespace, 'UTF8'))) || convert_to(namespace, 'UTF8')
                                    || int4send(octet_length(convert_to(stream, 'UTF8'))) || convert_to(stream, 'UTF8')
                                    || int8send(version)
                                    || uuid_send(event_id)
                                    || int4send(octet_length(convert_to(type, 'UTF8'))) || convert_to(type, 'UTF8')
                                    || int4send(revision)
                                    || int8send((extract(epoch from occurred_at) * 1000000)::bigint)
                                    || sha256(convert_to(metadata::text, 'UTF8'))
                                    || payload_hash)
                               or hash <> sha256(
                                    previous
                                    || int8send(position)
                                    || int8send((extract(epoch from recorded_at) * 1000000)::bigint)
                                    || digest)
                               or octet_length(payload_salt) <> 16
                            """).query(Long.class).list();

            assertThat(test.count()).isEqualTo(102);
            assertThat(broken).isEmpty();
            assertThat(test.log.head().hash())
                    .isEqualTo(test.log.readAll(101, 1).events().getFirst().hash());
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
