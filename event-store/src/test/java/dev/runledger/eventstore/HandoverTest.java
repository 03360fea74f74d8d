package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HandoverTest {

    private static final int EVENT_BYTES = 100;

    private final Handover handover = new Handover(10, 100 * EVENT_BYTES);

    @Nested
    class Taking {

        @Test
        void givesAllGroupsThatFollow() {
            handover.add(group(4, hash(4), 2));
            handover.add(group(6, hash(6), 3));

            assertThat(positions(handover.take(4, hash(4)))).isEqualTo(range(5, 9));
            assertThat(handover.take(9, hash(9))).isEmpty();
        }

        @Test
        void leavesOutWhatIsKnownAlready() {
            handover.add(group(0, hash(0), 4));
            handover.add(group(4, hash(4), 2));

            assertThat(positions(handover.take(4, hash(4)))).isEqualTo(range(5, 6));
        }

        @Test
        void endsAtWhatAnotherNodeHasWrittenBetween() {
            handover.add(group(0, hash(0), 2));
            handover.add(group(5, hash(5), 1));

            assertThat(positions(handover.take(0, hash(0)))).isEqualTo(range(1, 2));
            assertThat(handover.take(2, hash(2))).isEmpty();
            assertThat(positions(handover.take(5, hash(5)))).isEqualTo(range(6, 6));
        }

        @Test
        void givesNothingThatBeginsInTheMiddle() {
            handover.add(group(0, hash(0), 4));

            assertThat(handover.take(2, hash(2))).isEmpty();
        }

        @Test
        void givesNothingThatContinuesAnotherLog() {
            handover.add(group(2, hash(77), 1));

            assertThat(handover.take(2, hash(2))).isEmpty();
        }

        @Test
        void takesTheHashFromTheGroupWhereItIsNotKnown() {
            handover.add(group(2, hash(77), 1));

            assertThat(positions(handover.take(2, null))).isEqualTo(range(3, 3));
        }

        @Test
        void givesAboutAPageAtATime() {
            Handover large = new Handover(10_000, 1 << 30);
            large.add(group(0, hash(0), 700));
            large.add(group(700, hash(700), 700));
            large.add(group(1_400, hash(1_400), 1_500));

            assertThat(positions(large.take(0, hash(0)))).isEqualTo(range(1, 700));
            assertThat(positions(large.take(700, hash(700)))).isEqualTo(range(701, 1_400));
            assertThat(positions(large.take(1_400, hash(1_400)))).isEqualTo(range(1_401, 2_900));
        }
    }

    @Nested
    class WhatDoesNotFit {

        @Test
        void isDroppedByTheNumberOfEvents() {
            handover.add(group(0, hash(0), 6));
            handover.add(group(6, hash(6), 6));

            assertThat(handover.take(0, hash(0))).isEmpty();
            assertThat(positions(handover.take(6, hash(6)))).isEqualTo(range(7, 12));
        }

        @Test
        void isDroppedByTheirBytes() {
            Handover small = new Handover(1_000, 5 * EVENT_BYTES);
            small.add(group(0, hash(0), 6));

            assertThat(small.take(0, hash(0))).isEmpty();
            small.add(group(6, hash(6), 5));
            assertThat(positions(small.take(6, hash(6)))).isEqualTo(range(7, 11));
        }

        @Test
        void isEverythingAfterClearing() {
            handover.add(group(0, hash(0), 1));
            handover.clear();

            assertThat(handover.take(0, hash(0))).isEmpty();
        }
    }

    /** Events after a position, each with the hash that {@link #hash} says. */
    private static Written group(long after, Hash before, int count) {
        List<NewEvent> events = new ArrayList<>();
        byte[][] hashes = new byte[count][];
        for (int i = 0; i < count; i++) {
            events.add(new NewEvent(
                    new StreamId("default", "test/" + after),
                    i + 1,
                    new UUID(after, i),
                    "Happened",
                    1,
                    Instant.EPOCH,
                    "{}",
                    "{}",
                    new byte[16],
                    new byte[32],
                    new byte[32],
                    EVENT_BYTES));
            hashes[i] = hash(after + i + 1).bytes();
        }
        return new Written(after, before, Instant.EPOCH, events, hashes);
    }

    private static Hash hash(long position) {
        byte[] bytes = new byte[32];
        bytes[30] = (byte) (position >> 8);
        bytes[31] = (byte) position;
        return Hash.of(bytes);
    }

    private static List<Long> positions(List<StoredEvent> events) {
        return events.stream().map(StoredEvent::position).toList();
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}
