package dev.runledger.query.artifact;

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

/** Artifacts: of one execution, and across executions. */
@OfReadModel
@RestController
class ArtifactQueryController {

    private final ArtifactQueries artifacts;
    private final VisibleExecutions executions;
    private final PastExecutions past;

    ArtifactQueryController(ArtifactQueries artifacts, VisibleExecutions executions, PastExecutions past) {
        this.artifacts = artifacts;
        this.executions = executions;
        this.past = past;
    }

    @Takes({
        Parameter.TYPE,
        Parameter.NAME,
        Parameter.EXECUTION_VERSION,
        Parameter.AT,
        Parameter.CLOCK,
        Parameter.LIMIT,
        Parameter.CURSOR
    })
    @GetMapping(path = "/api/v1/executions/{executionId}/artifacts", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<ArtifactItem> listOfExecution(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var moment = Moment.of(given);
        if (moment != null) {
            return artifacts.ofExecution(past.at(id, moment), given);
        }
        executions.mustExist(id);
        return artifacts.ofExecution(id, given);
    }

    @Takes({
        Parameter.TYPE,
        Parameter.NAME,
        Parameter.WORKFLOW,
        Parameter.RECORDED_AFTER,
        Parameter.RECORDED_BEFORE,
        Parameter.LIMIT,
        Parameter.CURSOR
    })
    @GetMapping(path = "/api/v1/artifacts", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<ArtifactItem> list(@RequestAttribute(QueryHeaders.NAMESPACE) String namespace, QueryParameters given) {
        return artifacts.acrossExecutions(namespace, given);
    }
}
