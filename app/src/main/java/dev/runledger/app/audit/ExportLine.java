package dev.runledger.app.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.eventstore.LogExport;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A line of an export, as {@code docs/log-format.md} tells what to do with it. */
sealed interface ExportLine {

    /** The first line. */
    record Start(UUID logId, long from, String previousHash) implements ExportLine {

        static Start of(LogExport.Start start) {
            return new Start(start.logId(), start.from(), start.previousHash().toString());
        }
    }

    /** An event of the caller's namespace; payload and salt are null once erased. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Event(
            long position,
            String namespace,
            String stream,
            long version,
            UUID eventId,
            String type,
            int revision,
            long occurredAtMicros,
            long recordedAtMicros,
            String metadata,
            @Nullable String payload,
            @Nullable String payloadSalt,
            String payloadHash,
            String digest,
            String hash)
            implements ExportLine {}

    /** An event of another namespace. */
    record Foreign(long position, long recordedAtMicros, String digest, String hash) implements ExportLine {}

    static ExportLine of(LogExport.Link link) {
        var digest = link.digest().toString();
        var hash = link.hash().toString();
        var content = link.content();
        return content == null
                ? new Foreign(link.position(), link.recordedAtMicros(), digest, hash)
                : new Event(
                        link.position(),
                        content.namespace(),
                        content.stream(),
                        content.version(),
                        content.eventId(),
                        content.type(),
                        content.revision(),
                        content.occurredAtMicros(),
                        link.recordedAtMicros(),
                        content.metadata(),
                        content.payload(),
                        content.payloadSalt(),
                        content.payloadHash().toString(),
                        digest,
                        hash);
    }
}
