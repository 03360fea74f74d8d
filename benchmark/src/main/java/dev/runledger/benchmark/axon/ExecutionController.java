package dev.runledger.benchmark.axon;

import dev.runledger.benchmark.axon.Messages.CompleteExecution;
import dev.runledger.benchmark.axon.Messages.CompleteStep;
import dev.runledger.benchmark.axon.Messages.Output;
import dev.runledger.benchmark.axon.Messages.StartExecution;
import dev.runledger.benchmark.axon.Messages.StartStep;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The baseline over HTTP: the ledger's paths and bodies, as far as the load uses them. */
@RestController
class ExecutionController {

    private final CommandGateway commands;

    ExecutionController(CommandGateway commands) {
        this.commands = commands;
    }

    record Start(UUID executionId, String workflow, String agentId, Map<String, String> tags) {}

    record StepStart(String name) {}

    record StepCompletion(List<Output> output) {}

    record Completion(Map<String, String> output) {}

    record Answer(UUID executionId, String status) {}

    /** Takes a request apart and answers, and does nothing else: what HTTP itself costs here. */
    @GetMapping("/nothing")
    Answer nothing() {
        return new Answer(new UUID(1, 2), "RUNNING");
    }

    @PostMapping("/api/v1/executions")
    @ResponseStatus(HttpStatus.CREATED)
    Answer start(@RequestBody Start body) {
        commands.sendAndWait(new StartExecution(body.executionId(), body.workflow(), body.agentId(), body.tags()));
        return new Answer(body.executionId(), "RUNNING");
    }

    @PostMapping("/api/v1/executions/{executionId}/steps/{stepId}/start")
    Answer startStep(@PathVariable UUID executionId, @PathVariable String stepId, @RequestBody StepStart body) {
        commands.sendAndWait(new StartStep(executionId, stepId, body.name()));
        return new Answer(executionId, "RUNNING");
    }

    @PostMapping("/api/v1/executions/{executionId}/steps/{stepId}/complete")
    Answer completeStep(@PathVariable UUID executionId, @PathVariable String stepId, @RequestBody StepCompletion body) {
        commands.sendAndWait(new CompleteStep(executionId, stepId, body.output()));
        return new Answer(executionId, "RUNNING");
    }

    @PostMapping("/api/v1/executions/{executionId}/complete")
    Answer complete(@PathVariable UUID executionId, @RequestBody Completion body) {
        commands.sendAndWait(
                new CompleteExecution(executionId, String.valueOf(body.output().get("result"))));
        return new Answer(executionId, "COMPLETED");
    }
}
