package dev.runledger.eventstore;

import java.time.Duration;

/** Is told of every append, on the thread that appended; must be quick and must not throw. */
public interface AppendListener {

    /** What became of an append. */
    enum Outcome {
        /** Durable. */
        APPENDED,
        /** Refused because its stream had moved on; nothing was written. */
        CONFLICT,
        /** Anything else: refused for its size, the database away, an error. */
        FAILED
    }

    /**
     * @param events how many events were to be appended
     * @param took from before the first statement to after the commit, waiting for other writers included
     */
    void appended(Outcome outcome, int events, Duration took);
}
