package dev.runledger.eventstore;

import java.io.Serial;
import java.time.Instant;
import java.util.Map;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.TrackingToken;

/** An event of an aggregate with what only the log knows of it, so that nobody has to parse its metadata for that. */
final class LoggedEventMessage<T> extends GenericTrackedDomainEventMessage<T> {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Instant recordedAt;

    LoggedEventMessage(GenericTrackedDomainEventMessage<T> message, Instant recordedAt) {
        super(message.trackingToken(), message);
        this.recordedAt = recordedAt;
    }

    @Override
    public LoggedEventMessage<T> withMetaData(Map<String, ?> metaData) {
        return new LoggedEventMessage<>(super.withMetaData(metaData), recordedAt);
    }

    @Override
    public LoggedEventMessage<T> andMetaData(Map<String, ?> metaData) {
        return new LoggedEventMessage<>(super.andMetaData(metaData), recordedAt);
    }

    @Override
    public LoggedEventMessage<T> withTrackingToken(TrackingToken trackingToken) {
        return new LoggedEventMessage<>(super.withTrackingToken(trackingToken), recordedAt);
    }

    /** When the log took it. */
    Instant recordedAt() {
        return recordedAt;
    }
}
