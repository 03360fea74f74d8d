package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.PageOf;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.Takes;
import dev.runledger.query.VisibleExecutions;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.PastExecutions;
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
    private final PastExecutions past;

    CheckpointQueryController(CheckpointQueries checkpoints, VisibleExecutions executions, PastExecutions past) {
        this.checkpoints = checkpoints;
        this.executions = executions;
        this.past = past;
    }

    @Takes({Parameter.EXECUTION_VERSION, Parameter.AT, Parameter.CLOCK, Parameter.LIMIT, Parameter.CURSOR})
    @GetMapping(path = "/api/v1/executions/{executionId}/checkpoints", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<CheckpointItem> list(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var moment = Moment.of(given);
        if (moment != null) {
            return checkpoints.list(past.at(id, moment), given);
        }
        executions.mustExist(id);
        return checkpoints.list(id, given);
    }

    @Takes({Parameter.EXECUTION_VERSION, Parameter.AT, Parameter.CLOCK})
    @GetMapping(
            path = "/api/v1/executions/{executionId}/checkpoints/latest",
            produces = MediaType.APPLICATION_JSON_VALUE)
    CheckpointAnswer latest(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var moment = Moment.of(given);
        if (moment != null) {
            return checkpoints.latest(past.at(id, moment));
        }
        executions.mustExist(id);
        return checkpoints.latest(id);
    }
}
