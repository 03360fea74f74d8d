package dev.runledger.app.audit;

import dev.runledger.events.EventJson;
import dev.runledger.eventstore.Head;
import java.util.UUID;

/** Where the log ends: position and hash, kept elsewhere, are the receipt that it must continue later. */
record HeadAnswer(UUID logId, long position, String recordedAt, String hash) {

    static HeadAnswer of(Head head) {
        return new HeadAnswer(
                head.logId(),
                head.position(),
                EventJson.format(head.recordedAt()),
                head.hash().toString());
    }
}
