package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.AppendAttempt;
import dev.runledger.eventstore.AppendReceipt;
import java.util.concurrent.Callable;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.eventhandling.EventBus;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.NoSnapshotTriggerDefinition;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.AbstractRepository;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * Gives Axon the executions of {@link ExecutionStates}, and these what an execution has become once its events are
 * durable. Takes no lock: {@link Mailboxes} let one command of an execution in at a time, and the log refuses what
 * another node has overtaken.
 */
final class ExecutionRepository extends AbstractRepository<Execution, EventSourcedAggregate<Execution>> {

    private final ExecutionStates states;
    private final EventBus events;

    ExecutionRepository(ExecutionStates states, EventBus events) {
        super(new Settings());
        this.states = states;
        this.events = events;
    }

    /** Executions as Axon has to know them; it would look for each command's execution by reflection. */
    static AggregateConfigurer<Execution> aggregate(ExecutionStates states) {
        return AggregateConfigurer.defaultConfiguration(Execution.class)
                .configureRepository(axon -> new ExecutionRepository(states, axon.eventBus()))
                .configureCommandTargetResolver(axon -> ExecutionRepository::target);
    }

    private static VersionedAggregateIdentifier target(CommandMessage<?> message) {
        return new VersionedAggregateIdentifier(
                ((ApplyCommands) message.getPayload()).execution().toString(), null);
    }

    private static final class Settings extends Builder<Execution> {
        Settings() {
            super(Execution.class);
        }
    }

    @Override
    protected EventSourcedAggregate<Execution> doLoadOrCreate(String identifier, Callable<Execution> factory) {
        return find(identifier);
    }

    @Override
    protected EventSourcedAggregate<Execution> doLoad(String identifier, @Nullable Long expectedVersion) {
        return find(identifier);
    }

    /** An execution that nothing is known of is one that can be created. */
    private EventSourcedAggregate<Execution> find(String identifier) {
        var id = ExecutionId.parse(identifier);
        var command = (ApplyCommands) CurrentUnitOfWork.get().getMessage().getPayload();
        AppendAttempt.set(CurrentUnitOfWork.get(), command.attempt());
        var found = command.takenForNew() ? states.findOrNew(id) : states.find(id);
        var execution = new Execution(id, found);
        CurrentUnitOfWork.get().afterCommit(unitOfWork -> learn(id, execution, found, unitOfWork));
        return EventSourcedAggregate.reconstruct(
                execution,
                aggregateModel(),
                found.execution().state().version() - 1,
                false,
                events,
                NoSnapshotTriggerDefinition.TRIGGER);
    }

    private void learn(ExecutionId id, Execution execution, FoundExecution found, UnitOfWork<?> unitOfWork) {
        AppendReceipt.of(unitOfWork)
                .ifPresent(receipt ->
                        states.appended(id, found.execution().at(execution.state(), receipt.lastPosition())));
    }

    @Override
    protected EventSourcedAggregate<Execution> doCreateNew(Callable<Execution> factory) {
        throw new UnsupportedOperationException("an execution is found, never made");
    }

    @Override
    protected void doSave(EventSourcedAggregate<Execution> aggregate) {
        // Its events are all there is to it.
    }

    @Override
    protected void doDelete(EventSourcedAggregate<Execution> aggregate) {
        throw new UnsupportedOperationException("an execution is never deleted");
    }
}
