package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.VersionConflict;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.springframework.dao.DataAccessResourceFailureException;

/** The way into the write side: single requests and batches alike. */
public final class ExecutionCommands {

    /** How often commands are decided again because another writer of the same execution came first. */
    static final int ATTEMPTS = 30;

    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

    private final CommandGateway gateway;
    private final ExecutionStates states;
    private final Mailboxes mailboxes;

    ExecutionCommands(CommandGateway gateway, ExecutionStates states, Mailboxes.Limits limits) {
        this.gateway = gateway;
        this.states = states;
        this.mailboxes = new Mailboxes(this::apply, limits);
    }

    /**
     * Applies {@code submissions} in order and appends what follows from them in one go, together with what others ask
     * of the execution at the same time. Returns when it is durable.
     *
     * @param stopAtRefusal whether the submissions after a refused one are refused too
     * @return an outcome for each submission, in the order given
     * @throws ConcurrencyException when too many commands of the execution wait, these have waited too long, or writers
     *     on other nodes came first again and again; nothing was appended
     * @throws DataAccessResourceFailureException when there is no answer in a minute, so that the outcome is unknown
     */
    public List<Outcome> apply(
            ExecutionId execution, List<Submission> submissions, boolean stopAtRefusal, Origin origin) {
        return mailboxes.apply(execution, new Request(submissions, stopAtRefusal, origin));
    }

    /** All or nothing; an answer that appends nothing is confirmed by the log before it is given. */
    private List<List<Outcome>> apply(ExecutionId execution, List<Request> requests) {
        var message = ApplyCommands.likely(execution, requests);
        var isUpToDate = false;
        for (var attempt = 1; ; attempt++) {
            try {
                AppliedCommands applied = gateway.sendAndWait(message);
                if (isUpToDate || applied.isConfirmed() || states.isCurrent(execution, applied.headBefore())) {
                    return applied.outcomes();
                }
            } catch (ConcurrencyException | AggregateStreamCreationException e) {
                // Axon tells the two apart: another writer came first, at a later event or at the first one.
                if (attempt == ATTEMPTS) {
                    throw new ConcurrencyException("other writers of " + execution + " came first", e);
                }
                if (attempt > 1 && !isNext(e)) {
                    stepAside(attempt);
                }
                states.catchUp(execution);
            }
            message = new ApplyCommands(execution, requests);
            isUpToDate = true;
        }
    }

    private static boolean isNext(Exception failure) {
        return failure.getCause() instanceof VersionConflict conflict && conflict.isLeased();
    }

    /** For a random time, so that two nodes fall out of step, of which one would come second for ever. */
    private static void stepAside(int attempt) {
        var longest = Math.min(FIRST_WAIT_NANOS << Math.min(attempt, 10), LAST_WAIT_NANOS);
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest));
    }
}
