package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import java.util.List;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.springframework.dao.DataAccessResourceFailureException;

/** The way into the write side: single requests and batches alike. */
public final class ExecutionCommands {

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
        var race = new Race(execution);
        for (var isUpToDate = false; ; isUpToDate = true) {
            try {
                AppliedCommands applied = gateway.sendAndWait(message);
                if (isUpToDate || applied.isConfirmed() || states.isCurrent(execution, applied.headBefore())) {
                    return applied.outcomes();
                }
            } catch (ConcurrencyException | AggregateStreamCreationException e) {
                // Axon tells the two apart: another writer came first, at a later event or at the first one.
                race.lost(e);
                states.catchUp(execution);
            }
            message = new ApplyCommands(execution, requests, race.attempt());
        }
    }
}
