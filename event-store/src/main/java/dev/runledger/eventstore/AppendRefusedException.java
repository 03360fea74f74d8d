package dev.runledger.eventstore;

import org.axonframework.common.AxonNonTransientException;

/** An append that the log can never take, as it passes a limit or is not storable; nothing was written. */
public final class AppendRefusedException extends AxonNonTransientException {

    AppendRefusedException(String message) {
        super(message);
    }
}
