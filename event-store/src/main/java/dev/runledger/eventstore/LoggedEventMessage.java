package dev.runledger.eventstore;

import java.io.Serial;
import java.time.Instant;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;

/** An event of an aggregate with what only the log knows of it, so that nobody has to parse its metadata for that. */
final class LoggedEventMessage<T> extends GenericTrackedDomainEventMessage<T> {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Instant recordedAt;

    LoggedEventMessage(GenericTrackedDomainEventMessage<T> message, Instant recordedAt) {
        super(message.trackingToken(), message);
        this.recordedAt = recordedAt;
    }

    /** When the log took it. */
    Instant recordedAt() {
        return recordedAt;
    }
}
