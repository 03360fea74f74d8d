package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.ChainVerifier.Range;
import dev.runledger.eventstore.TestLog.Noted;
import dev.runledger.eventstore.Verification.Broken;
import dev.runledger.eventstore.Verification.Intact;
import dev.runledger.eventstore.Verification.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.axonframework.eventhandling.DomainEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainVerifierTest {

    private static final StreamId OTHER = new StreamId("näme", "größe/𝄞");

    private final ErasableLog log = new ErasableLog();

    @BeforeEach
    void appendTwenty() {
        log.append(STREAM, 1, 10);
        log.append(OTHER, 1, 5);
        log.append(STREAM, 11, 5);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void isBrokenAt(long position, Reason reason, Range range) {
        assertThat(log.verify(range))
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> assertThat(List.of(broken.position(), broken.reason()))
                                .as(broken.detail())
                                .containsExactly(position, reason));
    }

    private void isBrokenAt(long position, Reason reason) {
        isBrokenAt(position, reason, Range.ALL);
    }

    private Intact intact(Range range) {
        Verification found = log.verify(range);
        assertThat(found).isInstanceOf(Intact.class);
        return (Intact) found;
    }

    @Nested
    class AnUntouchedLog {

        @Test
        void isIntactUpToItsHead() {
            Intact intact = intact(Range.ALL);

            assertThat(intact.events()).isEqualTo(20);
            assertThat(intact.erased()).isZero();
            assertThat(intact.receipt()).isEqualTo(log.receipt());
        }

        @Test
        void isIntactWhenItIsEmpty() {
            try (ErasableLog empty = new ErasableLog()) {
                assertThat(empty.verify()).isInstanceOfSatisfying(Intact.class, intact -> {
                    assertThat(intact.events()).isZero();
                    assertThat(intact.receipt()).isEqualTo(empty.receipt());
                });
                Receipt nothing = empty.receipt();
                empty.append(STREAM, 1, 1);
                assertThat(empty.verify(new Range(1, null, nothing))).isInstanceOf(Intact.class);
            }
        }

        @Test
        void isCheckedInParts() {
            assertThat(intact(new Range(6, 15L, null)).events()).isEqualTo(10);
            assertThat(intact(new Range(20, 20L, null)).events()).isEqualTo(1);
            assertThat(intact(new Range(21, null, null)).events()).isZero();
        }

        @Test
        void tellsHowFarItIs() {
            log.append(STREAM, 16, 5_000);
            List<Long> positions = new ArrayList<>();
            log.verifier.verify(Range.ALL, (position, to, events) -> {
                assertThat(to).isEqualTo(5_020);
                assertThat(events).isEqualTo(position);
                positions.add(position);
            });

            assertThat(positions).containsExactly(2_000L, 4_000L, 5_020L);
        }

        @Test
        void isCheckedNoFurtherThanTheCallerWants() {
            assertThatThrownBy(() -> log.verifier.verify(Range.ALL, (position, to, events) -> {
                        throw new IllegalStateException("enough");
                    }))
                    .hasMessage("enough");
        }

        @Test
        void isIntactWhileWritersAppend() throws InterruptedException {
            AtomicBoolean enough = new AtomicBoolean();
            AtomicLong written = new AtomicLong(15);
            Thread writer = Thread.ofVirtual().start(() -> {
                while (!enough.get()) {
                    log.append(STREAM, written.get() + 1, 50);
                    written.addAndGet(50);
                }
            });
            try {
                long last = 0;
                for (int run = 0; run < 20; run++) {
                    Intact intact = intact(Range.ALL);
                    assertThat(intact.events())
                            .isEqualTo(intact.receipt().position())
                            .isGreaterThanOrEqualTo(last);
                    last = intact.events();
                    assertThat(intact(new Range(1, null, intact.receipt())).events())
                            .isGreaterThanOrEqualTo(last);
                }
            } finally {
                enough.set(true);
                writer.join();
            }
        }
    }

    @Nested
    class AnAlteredEvent {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "namespace = 'nt'",
                    "stream = 'execution/2'",
                    "version = 99",
                    "event_id = gen_random_uuid()",
                    "type = 'Noted'",
                    "revision = 2",
                    "occurred_at = occurred_at + interval '1 microsecond'",
                    "recorded_at = recorded_at + interval '1 microsecond'",
                    "recorded_at = 'infinity'",
                    "metadata = '{ }'",
                    "payload_hash = sha256(payload_hash)",
                    "digest = sha256(digest)",
                    "hash = sha256(hash)",
                    "hash = ''"
                })
        void isFoundByAnyOfItsColumns(String change) {
            log.tamper("update event_log.event set " + change + " where position = 7");

            isBrokenAt(7, Reason.EVENT_ALTERED);
            isBrokenAt(7, Reason.EVENT_ALTERED, new Range(7, 7L, null));
            assertThat(log.verify(new Range(1, 6L, null))).isInstanceOf(Intact.class);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "payload = (payload::text || ' ')::json",
                    "payload = '{}'",
                    "payload_salt = sha256(payload_salt)",
                    "payload_salt = null",
                    "payload = null"
                })
        void isFoundByItsPayload(String change) {
            log.tamper("update event_log.event set " + change + " where position = 7");

            isBrokenAt(7, Reason.PAYLOAD_ALTERED);
        }

        @Test
        void isFoundByASaltThatTookAByteOfThePayload() {
            log.test.engine.appendEvents(TestLog.event(STREAM, 16, 77, Map.of()));
            log.tamper("update event_log.event set payload = '7', payload_salt = payload_salt || '7'::bytea"
                    + " where position = 21");

            isBrokenAt(21, Reason.PAYLOAD_ALTERED);
        }

        @Test
        void isFoundAtTheFirstAndTheLastPosition() {
            log.tamper("update event_log.event set revision = 9 where position = 20");
            isBrokenAt(20, Reason.EVENT_ALTERED);
            log.tamper("update event_log.event set revision = 9 where position = 1");
            isBrokenAt(1, Reason.EVENT_ALTERED);
        }

        @Test
        void isFoundBehindOnesThatWereErased() {
            log.appendErasing(STREAM, 16);
            log.erasure.erase(STREAM);
            log.tamper("update event_log.event set revision = 9 where position = 20");

            isBrokenAt(20, Reason.EVENT_ALTERED);
        }
    }

    @Nested
    class AnEventThatIsNotThere {

        @Test
        void isFoundByTheGapThatItLeaves() {
            log.tamper("delete from event_log.event where position = 7");

            isBrokenAt(7, Reason.EVENT_MISSING);
            isBrokenAt(7, Reason.EVENT_MISSING, new Range(7, null, null));
            isBrokenAt(7, Reason.EVENT_MISSING, new Range(8, null, null));
            assertThat(log.verify(new Range(9, null, null))).isInstanceOf(Intact.class);
        }

        @Test
        void isFoundWhenTheOthersWereMovedUp() {
            log.tamper("delete from event_log.event where position = 7; "
                    + "update event_log.event set position = -position where position > 7; "
                    + "update event_log.event set position = -position - 1 where position < 0");

            isBrokenAt(7, Reason.EVENT_MISSING);
        }

        @Test
        void isFoundWhenItIsTheFirst() {
            log.tamper("delete from event_log.event where position = 1");

            isBrokenAt(1, Reason.EVENT_MISSING);
        }

        @Test
        void isFoundWhenItStandsAtAnotherPosition() {
            log.tamper("update event_log.event set position = 1000 where position = 7");
            isBrokenAt(7, Reason.EVENT_MISSING);
            log.tamper("update event_log.event set position = 0 where position = 1000");
            isBrokenAt(0, Reason.EVENT_INSERTED);
        }
    }

    @Nested
    class AnEventTooMany {

        private static final String COPY = """
                insert into event_log.event
                select %s, namespace, 'inserted', 1, event_id, type, revision, occurred_at, recorded_at, metadata,
                  payload, payload_salt, payload_hash, digest, hash
                from event_log.event
                where position = 3""";

        @Test
        void isFoundBetweenOthers() {
            log.tamper("update event_log.event set position = -position where position >= 7; "
                    + "update event_log.event set position = -position + 1 where position < 0; " + COPY.formatted("7"));

            isBrokenAt(7, Reason.EVENT_INSERTED);
        }

        @Test
        void isFoundAlthoughItIsChainedItself() {
            log.tamper("update event_log.event set position = -position where position >= 7; "
                    + "update event_log.event set position = -position + 1 where position < 0; " + COPY.formatted("7")
                    + "; " + rehash(7));

            isBrokenAt(7, Reason.EVENT_INSERTED);
        }

        @Test
        void isFoundBehindTheHead() {
            log.tamper(COPY.formatted("21") + "; " + rehash(21));

            isBrokenAt(21, Reason.HEAD_BEHIND);
            isBrokenAt(21, Reason.HEAD_BEHIND, new Range(22, null, null));
            assertThat(log.verify(new Range(1, 20L - 1, null))).isInstanceOf(Intact.class);
        }

        @Test
        void isFoundFarBehindTheHead() {
            log.tamper(COPY.formatted("1000"));

            isBrokenAt(21, Reason.HEAD_BEHIND);
        }
    }

    @Nested
    class EventsInAnotherOrder {

        @ParameterizedTest
        @CsvSource({"7, 8", "1, 2", "19, 20", "3, 17", "1, 20"})
        void areFoundAtTheFirst(long one, long other) {
            log.tamper("update event_log.event set position = -1 where position = " + one
                    + "; update event_log.event set position = " + one + " where position = " + other
                    + "; update event_log.event set position = " + other + " where position = -1");

            isBrokenAt(one, Reason.EVENT_REORDERED);
        }
    }

    @Nested
    class ATruncatedLog {

        @Test
        void isFoundByItsHead() {
            log.tamper("delete from event_log.event where position > 15");

            isBrokenAt(16, Reason.TRUNCATED);
            isBrokenAt(16, Reason.TRUNCATED, new Range(3, 18L, null));
            isBrokenAt(16, Reason.TRUNCATED, new Range(18, null, null));
        }

        @Test
        void isFoundByAReceiptWhenItsHeadWasRewritten() {
            Receipt receipt = log.receipt();
            log.tamper("delete from event_log.event where position > 15; " + headToLastEvent());

            assertThat(log.verify()).isInstanceOf(Intact.class);
            isBrokenAt(16, Reason.TRUNCATED, new Range(1, null, receipt));
            isBrokenAt(16, Reason.TRUNCATED, new Range(1, 5L, receipt));
            isBrokenAt(16, Reason.TRUNCATED, new Range(1, 20L, null));
        }

        @Test
        void isFoundByAReceiptWhenItGrewAgain() {
            Receipt receipt = log.receipt();
            log.tamper("delete from event_log.event where position > 15; " + headToLastEvent());
            log.append(STREAM, 11, 20);

            assertThat(log.verify()).isInstanceOf(Intact.class);
            isBrokenAt(20, Reason.RECEIPT_MISMATCH, new Range(1, null, receipt));
            isBrokenAt(20, Reason.RECEIPT_MISMATCH, new Range(1, 3L, receipt));
            isBrokenAt(20, Reason.RECEIPT_MISMATCH, new Range(21, null, receipt));
            isBrokenAt(20, Reason.RECEIPT_MISMATCH, new Range(30, null, receipt));
        }

        @Test
        void isFoundWhenNothingIsLeft() {
            Receipt receipt = log.receipt();
            log.tamper("delete from event_log.event");
            isBrokenAt(1, Reason.TRUNCATED);
            log.tamper("update event_log.head set position = 0, hash = sha256(uuid_send(log_id))");
            assertThat(log.verify()).isInstanceOf(Intact.class);
            isBrokenAt(1, Reason.TRUNCATED, new Range(1, null, receipt));
        }
    }

    @Nested
    class AReceipt {

        @Test
        void isContinuedByTheLogThatItWasTakenFrom() {
            Receipt receipt = log.receipt();
            log.append(STREAM, 16, 10);

            assertThat(intact(new Range(1, null, receipt)).events()).isEqualTo(30);
            assertThat(intact(new Range(21, null, receipt)).events()).isEqualTo(10);
        }

        @Test
        void extendsTheRangeToItself() {
            Receipt receipt = log.receipt();
            log.append(STREAM, 16, 10);

            assertThat(intact(new Range(25, null, receipt)).events()).isEqualTo(10);
            assertThat(intact(new Range(3, 5L, receipt)).events()).isEqualTo(18);
            log.tamper("update event_log.event set revision = 9 where position = 22");
            isBrokenAt(22, Reason.EVENT_ALTERED, new Range(25, null, receipt));
        }

        @Test
        void isWrittenAsPositionAndHash() {
            Receipt receipt = log.receipt();

            assertThat(Receipt.parse(receipt.toString())).isEqualTo(receipt);
            assertThat(receipt.toString()).matches("20:[0-9a-f]{64}");
            for (String text :
                    List.of("", "20", "20:", "-1:" + receipt.hash(), "20:" + receipt.hash() + "0", "20:AB")) {
                assertThatThrownBy(() -> Receipt.parse(text))
                        .as(text)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("a receipt is");
            }
        }
    }

    @Nested
    class AHead {

        @ParameterizedTest
        @ValueSource(
                strings = {"hash = sha256(hash)", "hash = ''", "recorded_at = recorded_at + interval '1 microsecond'"})
        void saysWhatTheLastEventDoes(String change) {
            log.tamper("update event_log.head set " + change);

            isBrokenAt(20, Reason.HEAD_ALTERED);
            isBrokenAt(20, Reason.HEAD_ALTERED, new Range(21, null, null));
            assertThat(log.verify(new Range(1, 19L, null))).isInstanceOf(Intact.class);
        }

        @Test
        void isWhereTheLogEnds() {
            log.tamper("update event_log.head set position = 15, (recorded_at, hash) = "
                    + "(select recorded_at, hash from event_log.event where position = 15)");
            isBrokenAt(16, Reason.HEAD_BEHIND);
            isBrokenAt(16, Reason.HEAD_BEHIND, new Range(1, 18L, null));
            log.tamper("update event_log.head set position = 30");
            isBrokenAt(21, Reason.TRUNCATED);
        }

        @Test
        void namesTheLogThatTheChainBeginsWith() {
            log.tamper("update event_log.head set log_id = gen_random_uuid()");

            isBrokenAt(1, Reason.EVENT_ALTERED);
        }

        @Test
        void isThere() {
            log.tamper("delete from event_log.head");

            isBrokenAt(20, Reason.HEAD_ALTERED);
        }
    }

    @Nested
    class AnErasedEvent {

        @Test
        void isFineBelowTheEventThatErasesIt() {
            log.appendErasing(STREAM, 16);
            Receipt receipt = log.receipt();
            assertThat(log.erasure.erase(STREAM)).isEqualTo(15);
            log.append(OTHER, 6, 5);

            Intact intact = intact(new Range(1, null, receipt));
            assertThat(intact.events()).isEqualTo(26);
            assertThat(intact.erased()).isEqualTo(15);
        }

        @Test
        void isFineWhenWhatErasesItLiesBehindTheRange() {
            log.appendErasing(STREAM, 16);
            log.erasure.erase(STREAM);

            assertThat(intact(new Range(1, 8L, null)).erased()).isEqualTo(8);
            assertThat(intact(new Range(1, 8L, null)).events()).isEqualTo(8);
        }

        @Test
        void isNotFineWhenTheChainToWhatErasesItIsBroken() {
            log.appendErasing(STREAM, 16);
            log.erasure.erase(STREAM);
            log.tamper("update event_log.event set revision = 9 where position = 18");

            isBrokenAt(18, Reason.EVENT_ALTERED, new Range(1, 8L, null));
        }

        @Test
        void isNotFineWhenWhatErasesItIsForged() {
            log.tamper("update event_log.event set payload = null, payload_salt = null where position = 3; "
                    + "update event_log.event set type = 'Noted' where position = 9");

            isBrokenAt(9, Reason.EVENT_ALTERED);
            isBrokenAt(9, Reason.EVENT_ALTERED, new Range(1, 5L, null));
        }

        @Test
        void isNotFineWhenNothingErasesIt() {
            log.appendErasing(OTHER, 6);
            log.tamper("update event_log.event set payload = null, payload_salt = null where position = 3");

            isBrokenAt(3, Reason.ERASED_WITHOUT_ERASURE);
        }

        @Test
        void isNotFineWhenWhatErasesComesBeforeIt() {
            log.appendErasing(STREAM, 16);
            log.append(STREAM, 17, 1);
            log.tamper("update event_log.event set payload = null, payload_salt = null where position = 22");

            isBrokenAt(22, Reason.ERASED_WITHOUT_ERASURE);
        }

        @Test
        void isToldOnlyWhenTheChainIsWhole() {
            log.appendErasing(STREAM, 16);
            log.append(OTHER, 6, 1);
            log.erasure.erase(STREAM);
            log.tamper("delete from event_log.event where position = 21");

            isBrokenAt(21, Reason.EVENT_MISSING);
            isBrokenAt(1, Reason.ERASED_WITHOUT_ERASURE, new Range(1, 18L, null));
        }

        @Test
        void isFineInThousandsOfStreams() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                StreamId stream = new StreamId("ns", "execution/many-" + i);
                events.add(TestLog.event(stream, 1));
                events.add(TestLog.event(stream, 2, new Noted("erased"), Map.of()));
            }
            log.test.engine.appendEvents(events);
            for (int i = 0; i < 3_000; i++) {
                log.erasure.erase(new StreamId("ns", "execution/many-" + i));
            }

            assertThat(intact(Range.ALL).erased()).isEqualTo(3_000);
        }
    }

    @Nested
    class ARange {

        @Test
        void beginsAtOneAndDoesNotEndBeforeItBegins() {
            assertThatThrownBy(() -> new Range(0, null, null)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Range(5, 4L, null)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class APage {

        @Test
        void hasABoundInRowsAndBytes() throws Exception {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 16; version <= 75; version++) {
                events.add(TestLog.event(STREAM, version, new Noted("x".repeat(700_000)), Map.of()));
            }
            log.test.engine.appendEvents(events);
            log.append(STREAM, 76, 5_000);

            long after = 0;
            while (true) {
                List<ChainRow> page =
                        ChainPages.read(log.test.database.application(), after, Long.MAX_VALUE, ChainPages.PAGE_EVENTS);
                if (page.isEmpty()) {
                    break;
                }
                assertThat(page).hasSizeLessThanOrEqualTo(ChainPages.PAGE_EVENTS);
                assertThat(page.stream()
                                .mapToLong(row -> row.payload() == null ? 0 : row.payload().length)
                                .sum())
                        .isLessThan(ChainPages.PAGE_BYTES + (1 << 20));
                after = page.getLast().position();
            }
            assertThat(after).isEqualTo(5_080);
            assertThat(log.verify()).isInstanceOf(Intact.class);
        }
    }

    /** Chains the event at a position to the one before, with a digest that its columns make. */
    private static String rehash(long position) {
        return """
                update event_log.event as changed
                set digest = made.digest,
                  hash = sha256(previous.hash || int8send(changed.position)
                    || int8send((extract(epoch from changed.recorded_at) * 1000000)::bigint) || made.digest)
                from event_log.event as previous, lateral (
                  select sha256(
                    int4send(octet_length(convert_to(e.namespace, 'UTF8'))) || convert_to(e.namespace, 'UTF8')
                    || int4send(octet_length(convert_to(e.stream, 'UTF8'))) || convert_to(e.stream, 'UTF8')
                    || int8send(e.version) || uuid_send(e.event_id)
                    || int4send(octet_length(convert_to(e.type, 'UTF8'))) || convert_to(e.type, 'UTF8')
                    || int4send(e.revision) || int8send((extract(epoch from e.occurred_at) * 1000000)::bigint)
                    || sha256(convert_to(e.metadata::text, 'UTF8')) || e.payload_hash) as digest
                  from event_log.event as e
                  where e.position = %1$d
                ) as made
                where changed.position = %1$d
                  and previous.position = %1$d - 1""".formatted(position);
    }

    private static String headToLastEvent() {
        return "update event_log.head set (position, recorded_at, hash) = "
                + "(select position, recorded_at, hash from event_log.event order by position desc limit 1)";
    }
}
