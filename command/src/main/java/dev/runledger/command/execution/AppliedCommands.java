package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.eventstore.AppendReceipt;
import java.util.List;
import java.util.Optional;

/**
 * What became of the submissions of an {@link ApplyCommands}, in the order given. Filled while the commands are
 * handled; where the events are in the log is known once they are durable.
 */
final class AppliedCommands {

    /** What became of one submission, before its events have a place in the log. */
    sealed interface Applied {

        /** The version that the execution had after the command, and where its steps stand. */
        record Accepted(long version, ExecutionStatus status, Outcome.Effect effect, List<StepReceipt> steps)
                implements Applied {}

        record Refused(Rejection rejection) implements Applied {}
    }

    private final List<Applied> applied;
    private final long versionBefore;
    private Optional<AppendReceipt> receipt = Optional.empty();

    AppliedCommands(List<Applied> applied, long versionBefore) {
        this.applied = applied;
        this.versionBefore = versionBefore;
    }

    /** Takes the place of the events in the log; empty when nothing was appended. */
    void appended(Optional<AppendReceipt> receipt) {
        this.receipt = receipt;
    }

    /** The execution's version before the commands; 0 when there was none. */
    long versionBefore() {
        return versionBefore;
    }

    List<Applied> applied() {
        return applied;
    }

    /** Whether some answer speaks of the execution as it was before the commands. */
    boolean needsPositionBefore() {
        return applied.stream()
                .anyMatch(one -> one instanceof Applied.Accepted accepted && accepted.version() <= versionBefore);
    }

    /**
     * The outcomes to answer with.
     *
     * @param positionBefore the place of the execution's last event before the commands; looked at only where
     *     {@link #needsPositionBefore}
     */
    List<Outcome> outcomes(long positionBefore) {
        return applied.stream()
                .<Outcome>map(one -> switch (one) {
                    case Applied.Refused refused -> new Outcome.Refused(refused.rejection());
                    case Applied.Accepted accepted ->
                        new Outcome.Accepted(
                                accepted.version(),
                                accepted.version() <= versionBefore ? positionBefore : position(accepted.version()),
                                accepted.status(),
                                accepted.effect(),
                                accepted.steps());
                })
                .toList();
    }

    /** Events of one append have contiguous positions. */
    private long position(long version) {
        var last = receipt.orElseThrow(() -> new IllegalStateException("events were applied but not appended"));
        return last.lastPosition() - (last.lastVersion() - version);
    }
}
