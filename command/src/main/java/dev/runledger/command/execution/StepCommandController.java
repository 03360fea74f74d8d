package dev.runledger.command.execution;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Commands on one step. Its id is the executor's own name for it, percent-encoded in the path. */
@RestController
@RequestMapping("/api/v1/executions/{executionId}/steps/{stepId}")
class StepCommandController {

    private final SingleCommand single;

    StepCommandController(SingleCommand single) {
        this.single = single;
    }

    @PostMapping("/start")
    ResponseEntity<CommandAnswer> start(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.START_STEP, executionId, stepId, request);
    }

    @PostMapping("/complete")
    ResponseEntity<CommandAnswer> complete(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.COMPLETE_STEP, executionId, stepId, request);
    }

    @PostMapping("/fail")
    ResponseEntity<CommandAnswer> fail(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.FAIL_STEP, executionId, stepId, request);
    }

    @PostMapping("/skip")
    ResponseEntity<CommandAnswer> skip(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.SKIP_STEP, executionId, stepId, request);
    }

    @PostMapping("/cancel")
    ResponseEntity<CommandAnswer> cancel(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.CANCEL_STEP, executionId, stepId, request);
    }

    @PostMapping("/timeout")
    ResponseEntity<CommandAnswer> timeOut(
            @PathVariable String executionId, @PathVariable String stepId, HttpServletRequest request)
            throws IOException {
        return single.onStep(CommandName.TIME_OUT_STEP, executionId, stepId, request);
    }
}
