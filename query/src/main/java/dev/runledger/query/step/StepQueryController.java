package dev.runledger.query.step;

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

/** Steps: of one execution, across executions, and one with its iterations. */
@OfReadModel
@RestController
class StepQueryController {

    private final StepQueries steps;
    private final VisibleExecutions executions;
    private final PastExecutions past;

    StepQueryController(StepQueries steps, VisibleExecutions executions, PastExecutions past) {
        this.steps = steps;
        this.executions = executions;
        this.past = past;
    }

    @Takes({
        Parameter.STEP_STATUS,
        Parameter.TYPE,
        Parameter.NAME,
        Parameter.EXECUTION_VERSION,
        Parameter.AT,
        Parameter.CLOCK,
        Parameter.LIMIT,
        Parameter.CURSOR
    })
    @GetMapping(path = "/api/v1/executions/{executionId}/steps", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepItem> listOfExecution(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var moment = Moment.of(given);
        if (moment != null) {
            return steps.ofExecution(past.at(id, moment), given);
        }
        executions.mustExist(id);
        return steps.ofExecution(id, given);
    }

    @Takes({Parameter.EXECUTION_VERSION, Parameter.AT, Parameter.CLOCK, Parameter.LIMIT, Parameter.CURSOR})
    @GetMapping(path = "/api/v1/executions/{executionId}/steps/{stepId}", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepAnswer> one(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            @PathVariable String stepId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var name = QueryParameters.checked("stepId", stepId);
        var moment = Moment.of(given);
        if (moment != null) {
            return steps.iterations(past.at(id, moment), name, given);
        }
        executions.mustExist(id);
        return steps.iterations(id, name, given);
    }

    @Takes({
        Parameter.STEP_STATUS,
        Parameter.TYPE,
        Parameter.NAME,
        Parameter.WORKFLOW,
        Parameter.AGENT_ID,
        Parameter.STARTED_AFTER,
        Parameter.STARTED_BEFORE,
        Parameter.ENDED_AFTER,
        Parameter.ENDED_BEFORE,
        Parameter.LIMIT,
        Parameter.CURSOR
    })
    @GetMapping(path = "/api/v1/steps", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<StepItem> list(@RequestAttribute(QueryHeaders.NAMESPACE) String namespace, QueryParameters given) {
        return steps.acrossExecutions(namespace, given);
    }
}
