package dev.runledger.benchmark.axon;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import dev.runledger.benchmark.axon.Messages.CompleteExecution;
import dev.runledger.benchmark.axon.Messages.CompleteStep;
import dev.runledger.benchmark.axon.Messages.ExecutionCompleted;
import dev.runledger.benchmark.axon.Messages.ExecutionStarted;
import dev.runledger.benchmark.axon.Messages.StartExecution;
import dev.runledger.benchmark.axon.Messages.StartStep;
import dev.runledger.benchmark.axon.Messages.StepCompleted;
import dev.runledger.benchmark.axon.Messages.StepStarted;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/** An execution as Axon's documentation would write it: far fewer rules than the ledger's. */
@Aggregate
class Execution {

    @AggregateIdentifier
    private @Nullable UUID id;

    private final Map<String, Boolean> completedBySteps = new HashMap<>();
    private boolean completed;

    Execution() {
        // For Axon, before the first event.
    }

    @CommandHandler
    Execution(StartExecution command) {
        apply(new ExecutionStarted(
                command.executionId(), command.workflow(), command.agentId(), command.tags(), Instant.now()));
    }

    @CommandHandler
    void handle(StartStep command) {
        if (completed || completedBySteps.containsKey(command.stepId())) {
            throw new IllegalStateException("no such step can start");
        }
        apply(new StepStarted(command.executionId(), command.stepId(), command.name(), 1, Instant.now()));
    }

    @CommandHandler
    void handle(CompleteStep command) {
        if (!Boolean.FALSE.equals(completedBySteps.get(command.stepId()))) {
            throw new IllegalStateException("no such step runs");
        }
        apply(new StepCompleted(command.executionId(), command.stepId(), 1, command.output(), Instant.now()));
    }

    @CommandHandler
    void handle(CompleteExecution command) {
        if (completed || completedBySteps.containsValue(false)) {
            throw new IllegalStateException("the execution cannot complete");
        }
        apply(new ExecutionCompleted(command.executionId(), command.result(), Instant.now()));
    }

    @EventSourcingHandler
    void on(ExecutionStarted event) {
        id = event.executionId();
    }

    @EventSourcingHandler
    void on(StepStarted event) {
        completedBySteps.put(event.stepId(), false);
    }

    @EventSourcingHandler
    void on(StepCompleted event) {
        completedBySteps.put(event.stepId(), true);
    }

    @EventSourcingHandler
    void on(ExecutionCompleted event) {
        completed = true;
    }
}
