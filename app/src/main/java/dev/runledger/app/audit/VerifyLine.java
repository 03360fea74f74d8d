package dev.runledger.app.audit;

import dev.runledger.eventstore.Verification;
import java.time.Duration;

/** A line of what a check of the chain answers: progress, and last what became of it. */
sealed interface VerifyLine {

    /**
     * How far it is.
     *
     * @param position the last that was checked
     * @param to the last that will be
     */
    record Progress(long position, long to, long events, double seconds) implements VerifyLine {}

    /**
     * Everything is as it was written.
     *
     * @param receipt of the last event checked
     */
    record Intact(boolean ok, long events, long erased, double seconds, String receipt) implements VerifyLine {}

    /** Something is not. */
    record Broken(boolean ok, long position, Verification.Reason reason, String detail) implements VerifyLine {}

    static VerifyLine of(Verification found) {
        return switch (found) {
            case Verification.Intact intact ->
                new Intact(
                        true,
                        intact.events(),
                        intact.erased(),
                        seconds(intact.took()),
                        intact.receipt().toString());
            case Verification.Broken broken -> new Broken(false, broken.position(), broken.reason(), broken.detail());
        };
    }

    /** To the millisecond. */
    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
