package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StreamId;
import java.util.List;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.common.lock.LockAcquisitionFailedException;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;

/** The way into the write side: single requests and batches alike. */
public final class ExecutionCommands {

    /** How often commands are decided again because another writer of the same execution came first. */
    private static final int ATTEMPTS = 10;

    private final CommandGateway gateway;
    private final EventLog log;

    public ExecutionCommands(CommandGateway gateway, EventLog log) {
        this.gateway = gateway;
        this.log = log;
    }

    /**
     * Applies {@code submissions} in order and appends what follows from them in one go. Returns when it is durable.
     *
     * @param stopAtRefusal whether the submissions after a refused one are refused too
     * @return an outcome for each submission, in the order given
     * @throws ConcurrencyException when other writers of the execution came first again and again, or hold it too long
     */
    public List<Outcome> apply(
            ExecutionId execution, List<Submission> submissions, boolean stopAtRefusal, Origin origin) {
        var metaData = MetaData.with("actor", origin.actor()).and("requestId", origin.requestId());
        if (origin.traceparent() != null) {
            metaData = metaData.and("traceparent", origin.traceparent());
        }
        var message = new GenericCommandMessage<>(new ApplyCommands(execution, submissions, stopAtRefusal), metaData);
        for (var attempt = 1; ; attempt++) {
            try {
                AppliedCommands applied = gateway.sendAndWait(message);
                return applied.outcomes(
                        applied.needsPositionBefore() ? positionOf(execution, applied.versionBefore()) : 0);
            } catch (ConcurrencyException | AggregateStreamCreationException e) {
                // Axon tells the two apart: another writer came first, at the first event or at a later one.
                if (attempt == ATTEMPTS) {
                    throw new ConcurrencyException("other writers of " + execution + " came first", e);
                }
            } catch (LockAcquisitionFailedException e) {
                throw new ConcurrencyException("other commands of " + execution + " take too long", e);
            }
        }
    }

    /** The place in the log of the execution's event number {@code version}. */
    private long positionOf(ExecutionId execution, long version) {
        return log.readStream(
                        new StreamId(execution.namespace(), execution.stream()),
                        version - 1,
                        version,
                        EventFilter.ALL,
                        1)
                .events()
                .getFirst()
                .position();
    }
}
