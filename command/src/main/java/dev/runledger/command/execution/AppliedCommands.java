package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.eventstore.AppendReceipt;
import dev.runledger.eventstore.StreamHead;
import java.util.List;
import java.util.Optional;

/**
 * What became of the requests of an {@link ApplyCommands}, in the order given. Filled while the commands are handled;
 * where the events are in the log is known once they are durable.
 */
final class AppliedCommands {

    /** What became of one submission, before its events have a place in the log. */
    sealed interface Applied {

        /** The version that the execution had after the command, and where its steps stand. */
        record Accepted(long version, ExecutionStatus status, Outcome.Effect effect, List<StepReceipt> steps)
                implements Applied {}

        record Refused(Rejection rejection) implements Applied {}
    }

    private final List<List<Applied>> applied;
    private final FoundExecution before;
    private Optional<AppendReceipt> receipt = Optional.empty();

    /**
     * @param applied for each request its submissions
     * @param before what was decided from
     */
    AppliedCommands(List<List<Applied>> applied, FoundExecution before) {
        this.applied = applied;
        this.before = before;
    }

    /** Takes the place of the events in the log; empty when nothing was appended. */
    void appended(Optional<AppendReceipt> receipt) {
        this.receipt = receipt;
    }

    List<List<Applied>> applied() {
        return applied;
    }

    /** Whether the log itself has confirmed what was decided from: it took an append, or was read for these commands. */
    boolean isConfirmed() {
        return receipt.isPresent() || before.readNow();
    }

    /** The execution's last event before the commands, as was thought when they were decided. */
    StreamHead headBefore() {
        return before.execution().head();
    }

    /** The outcomes to answer with, for each request its submissions'. */
    List<List<Outcome>> outcomes() {
        return applied.stream()
                .map(request -> request.stream().map(this::outcome).toList())
                .toList();
    }

    private Outcome outcome(Applied one) {
        return switch (one) {
            case Applied.Refused refused -> new Outcome.Refused(refused.rejection());
            case Applied.Accepted accepted ->
                new Outcome.Accepted(
                        accepted.version(),
                        position(accepted.version()),
                        accepted.status(),
                        accepted.effect(),
                        accepted.steps());
        };
    }

    /** Events of one append have contiguous positions. */
    private long position(long version) {
        if (version <= headBefore().version()) {
            return headBefore().position();
        }
        var last = receipt.orElseThrow(() -> new IllegalStateException("events were applied but not appended"));
        return last.lastPosition() - (last.lastVersion() - version);
    }
}
