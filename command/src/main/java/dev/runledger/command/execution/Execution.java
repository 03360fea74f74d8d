package dev.runledger.command.execution;

import dev.runledger.command.execution.AppliedCommands.Applied;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.AppendReceipt;
import dev.runledger.eventstore.Erased;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.MetaDataValue;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** The shell around {@link ExecutionDecider} that Axon loads, locks and appends for. */
class Execution {

    private static final String COMMAND_ID = "commandId";

    @AggregateIdentifier
    private @Nullable ExecutionId id;

    private ExecutionState state = ExecutionState.NONE;

    Execution() {
        // For Axon, before the first event.
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    AppliedCommands handle(ApplyCommands command, MetaData metaData) {
        id = command.execution();
        var before = state.version();
        var applied = new ArrayList<Applied>(command.submissions().size());
        var stopped = false;
        for (var submission : command.submissions()) {
            var one = stopped
                    ? new Applied.Refused(new Rejection.StoppedByEarlierRefusal(command.execution()))
                    : apply(command.execution(), submission, metaData);
            applied.add(one);
            stopped |= command.stopAtRefusal() && one instanceof Applied.Refused;
        }
        var result = new AppliedCommands(applied, before);
        CurrentUnitOfWork.get().afterCommit(unitOfWork -> result.appended(AppendReceipt.of(unitOfWork)));
        return result;
    }

    private Applied apply(ExecutionId execution, Submission submission, MetaData metaData) {
        return switch (ExecutionDecider.decide(execution, state, submission)) {
            case Decision.Refuse refusal -> new Applied.Refused(refusal.rejection());
            case Decision.Repeat repeat -> accepted(submission.command(), Outcome.Effect.UNCHANGED);
            case Decision.Append append -> {
                var effect = state.version() == 0 ? Outcome.Effect.CREATED : Outcome.Effect.APPENDED;
                var eventMetaData =
                        metaData.and(PostgresEventStorageEngine.OCCURRED_AT, EventJson.format(submission.occurredAt()));
                if (submission.commandId() != null) {
                    eventMetaData = eventMetaData.and(COMMAND_ID, submission.commandId());
                }
                for (var event : append.events()) {
                    AggregateLifecycle.apply(event, eventMetaData);
                }
                yield accepted(submission.command(), effect);
            }
        };
    }

    private Applied.Accepted accepted(ExecutionCommand command, Outcome.Effect effect) {
        return new Applied.Accepted(state.version(), Objects.requireNonNull(state.status()), effect, receipts(command));
    }

    private List<StepReceipt> receipts(ExecutionCommand command) {
        return switch (command) {
            case ExecutionCommand.OfStep c -> receipt(c.stepId(), c.iteration());
            case ScheduleSteps c ->
                c.steps().stream()
                        .flatMap(step -> receipt(step.stepId(), step.iteration()).stream())
                        .toList();
            case ExecutionCommand other -> List.of();
        };
    }

    private List<StepReceipt> receipt(String stepId, @Nullable Integer iteration) {
        var meant = iteration == null ? state.currentIteration(stepId) : iteration;
        var row = state.step(stepId, meant);
        return row == null ? List.of() : List.of(new StepReceipt(stepId, meant, row.attempts(), row.status()));
    }

    @EventSourcingHandler
    void on(
            ExecutionEvent event,
            @MetaDataValue(COMMAND_ID) @Nullable String commandId,
            DomainEventMessage<?> message) {
        if (id == null) {
            id = ExecutionId.parse(message.getAggregateIdentifier());
        }
        state = state.evolve(event, commandId);
    }

    /** Contents go only when the execution was erased, as its last event says. */
    @EventSourcingHandler
    void on(Erased event, DomainEventMessage<?> message) {
        on(new ExecutionEvent.ExecutionErased(null), null, message);
    }
}
