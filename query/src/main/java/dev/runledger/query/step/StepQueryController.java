package dev.runledger.query.step;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.VisibleExecutions;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Steps: of one execution, across executions, and one with its iterations. */
@OfReadModel
@RestController
class StepQueryController {

    private final StepQueries steps;
    private final VisibleExecutions executions;

    StepQueryController(StepQueries steps, VisibleExecutions executions) {
        this.steps = steps;
        this.executions = executions;
    }

    @GetMapping(path = "/api/v1/executions/{executionId}/steps", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepItem> listOfExecution(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            HttpServletRequest request) {
        var given = QueryParameters.of(request, StepQueries.OF_EXECUTION);
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        executions.mustExist(id);
        return steps.ofExecution(id, given);
    }

    @GetMapping(path = "/api/v1/executions/{executionId}/steps/{stepId}", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepAnswer> one(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            @PathVariable String stepId,
            HttpServletRequest request) {
        var given = QueryParameters.of(request, Set.of(QueryParameters.LIMIT, QueryParameters.CURSOR));
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var name = QueryParameters.checked("stepId", stepId);
        executions.mustExist(id);
        return steps.iterations(id, name, given);
    }

    @GetMapping(path = "/api/v1/steps", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepItem> list(@RequestAttribute(QueryHeaders.NAMESPACE) String namespace, HttpServletRequest request) {
        return steps.acrossExecutions(namespace, QueryParameters.of(request, StepQueries.ACROSS_EXECUTIONS));
    }
}
