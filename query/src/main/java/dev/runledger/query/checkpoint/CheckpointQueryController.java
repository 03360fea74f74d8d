package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.PageOf;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.Takes;
import dev.runledger.query.VisibleExecutions;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** The checkpoints of one execution. */
@OfReadModel
@RestController
class CheckpointQueryController {

    private final CheckpointQueries checkpoints;
    private final VisibleExecutions executions;

    CheckpointQueryController(CheckpointQueries checkpoints, VisibleExecutions executions) {
        this.checkpoints = checkpoints;
        this.executions = executions;
    }

    @Takes({Parameter.LIMIT, Parameter.CURSOR})
    @GetMapping(path = "/api/v1/executions/{executionId}/checkpoints", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<CheckpointItem> list(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        executions.mustExist(id);
        return checkpoints.list(id, given);
    }

    @Takes({})
    @GetMapping(
            path = "/api/v1/executions/{executionId}/checkpoints/latest",
            produces = MediaType.APPLICATION_JSON_VALUE)
    CheckpointAnswer latest(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters none) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        executions.mustExist(id);
        return checkpoints.latest(id);
    }
}
