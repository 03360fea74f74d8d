package dev.runledger.benchmark.axon;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** The commands and events of the baseline's executions: the same life, with the same contents, as the ledger's. */
interface Messages {

    record Output(String dataset, long rows, long bytes) {}

    record StartExecution(
            @TargetAggregateIdentifier UUID executionId, String workflow, String agentId, Map<String, String> tags) {}

    record StartStep(@TargetAggregateIdentifier UUID executionId, String stepId, String name) {}

    record CompleteStep(@TargetAggregateIdentifier UUID executionId, String stepId, List<Output> output) {}

    record CompleteExecution(@TargetAggregateIdentifier UUID executionId, String result) {}

    record ExecutionStarted(
            UUID executionId, String workflow, String agentId, Map<String, String> tags, Instant occurredAt) {}

    record StepStarted(UUID executionId, String stepId, String name, int attempt, Instant occurredAt) {}

    record StepCompleted(UUID executionId, String stepId, int attempt, List<Output> output, Instant occurredAt) {}

    record ExecutionCompleted(UUID executionId, String result, Instant occurredAt) {}
}
