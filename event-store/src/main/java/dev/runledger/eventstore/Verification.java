package dev.runledger.eventstore;

import java.time.Duration;

/** What became of checking the chain. */
public sealed interface Verification {

    /**
     * Everything asked for is as it was written.
     *
     * @param events  how many events were checked
     * @param erased  how many of them have no payload any more, as a later event of their stream says
     * @param receipt of the last event checked, or of the one before the range when that has none
     */
    record Intact(long events, long erased, Receipt receipt, Duration took) implements Verification {}

    /**
     * Something is not as it was written.
     *
     * @param position the first that does not fit
     * @param detail   a sentence for people, without anything of the event's contents
     */
    record Broken(long position, Reason reason, String detail) implements Verification {}

    /** What is wrong at a position. */
    enum Reason {
        /** Payload and salt are not those whose hash was chained. */
        PAYLOAD_ALTERED,
        /** A column other than payload and salt is not what was chained. */
        EVENT_ALTERED,
        /** There is no event, although there are later ones. */
        EVENT_MISSING,
        /** There is an event that the chain has no place for. */
        EVENT_INSERTED,
        /** There is another event, and the one that belongs here stands elsewhere. */
        EVENT_REORDERED,
        /** The payload is gone, and no later event of the stream says that it was erased. */
        ERASED_WITHOUT_ERASURE,
        /** The log ends before this position, which it had reached. */
        TRUNCATED,
        /** The log has an event here, behind the end that its head row names. */
        HEAD_BEHIND,
        /** The head row does not say what the event here does, or is gone. */
        HEAD_ALTERED,
        /** The chain fits in itself, but is another one than that of the receipt. */
        RECEIPT_MISMATCH
    }
}
