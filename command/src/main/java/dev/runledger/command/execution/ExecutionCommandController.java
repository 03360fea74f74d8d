package dev.runledger.command.execution;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Commands on an execution as a whole. */
@RestController
@RequestMapping("/api/v1/executions")
class ExecutionCommandController {

    private final SingleCommand single;

    ExecutionCommandController(SingleCommand single) {
        this.single = single;
    }

    @PostMapping
    ResponseEntity<CommandAnswer> create(HttpServletRequest request) throws IOException {
        return single.create(request);
    }

    @PostMapping("/{executionId}/start")
    ResponseEntity<CommandAnswer> start(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.START_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/complete")
    ResponseEntity<CommandAnswer> complete(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.COMPLETE_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/fail")
    ResponseEntity<CommandAnswer> fail(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.FAIL_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/cancel")
    ResponseEntity<CommandAnswer> cancel(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.CANCEL_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/timeout")
    ResponseEntity<CommandAnswer> timeOut(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.TIME_OUT_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/retry")
    ResponseEntity<CommandAnswer> retry(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.RETRY_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/amend")
    ResponseEntity<CommandAnswer> amend(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.AMEND_EXECUTION, executionId, request);
    }

    @PostMapping("/{executionId}/steps")
    ResponseEntity<CommandAnswer> scheduleSteps(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.SCHEDULE_STEP, executionId, request);
    }

    @PostMapping("/{executionId}/artifacts")
    ResponseEntity<CommandAnswer> recordArtifact(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.RECORD_ARTIFACT, executionId, request);
    }

    @PostMapping("/{executionId}/checkpoints")
    ResponseEntity<CommandAnswer> recordCheckpoint(@PathVariable String executionId, HttpServletRequest request)
            throws IOException {
        return single.onExecution(CommandName.RECORD_CHECKPOINT, executionId, request);
    }
}
