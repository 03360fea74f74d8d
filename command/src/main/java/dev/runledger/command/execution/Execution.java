package dev.runledger.command.execution;

import dev.runledger.command.execution.AppliedCommands.Applied;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.AppendReceipt;
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

    @AggregateIdentifier
    private @Nullable ExecutionId id;

    /** What the commands are decided from. */
    private FoundExecution found;

    private ExecutionState state;

    /** For Axon, before the first event. */
    Execution() {
        found = new FoundExecution(KnownExecution.NONE, true);
        state = ExecutionState.NONE;
    }

    Execution(ExecutionId id, FoundExecution found) {
        this.id = id;
        this.found = found;
        state = found.execution().state();
    }

    ExecutionState state() {
        return state;
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    AppliedCommands handle(ApplyCommands command) {
        id = command.execution();
        var applied = new ArrayList<List<Applied>>(command.requests().size());
        for (var request : command.requests()) {
            applied.add(apply(command.execution(), request));
        }
        var result = new AppliedCommands(applied, found);
        CurrentUnitOfWork.get().afterCommit(unitOfWork -> result.appended(AppendReceipt.of(unitOfWork)));
        return result;
    }

    private List<Applied> apply(ExecutionId execution, Request request) {
        var origin = EventMetaData.of(request.origin());
        var applied = new ArrayList<Applied>(request.submissions().size());
        var stopped = false;
        for (var submission : request.submissions()) {
            var one = stopped
                    ? new Applied.Refused(new Rejection.StoppedByEarlierRefusal(execution))
                    : apply(execution, submission, origin);
            applied.add(one);
            stopped |= request.stopAtRefusal() && one instanceof Applied.Refused;
        }
        return applied;
    }

    private Applied apply(ExecutionId execution, Submission submission, MetaData origin) {
        return switch (ExecutionDecider.decide(execution, state, submission)) {
            case Decision.Refuse refusal -> new Applied.Refused(refusal.rejection());
            case Decision.Repeat repeat -> accepted(submission.command(), Outcome.Effect.UNCHANGED);
            case Decision.Append append -> {
                var effect = state.version() == 0 ? Outcome.Effect.CREATED : Outcome.Effect.APPENDED;
                var metaData = EventMetaData.of(origin, submission);
                for (var event : append.events()) {
                    AggregateLifecycle.apply(event, metaData);
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
            @MetaDataValue(EventMetaData.COMMAND_ID) @Nullable String commandId,
            DomainEventMessage<?> message) {
        if (id == null) {
            id = ExecutionId.parse(message.getAggregateIdentifier());
        }
        state = state.evolve(event, commandId);
    }
}
