package dev.runledger.query.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.PageOf;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Takes;
import dev.runledger.query.VisibleExecutions;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.PastExecutions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Executions: one, and lists. */
@OfReadModel
@RestController
class ExecutionQueryController {

    private final ExecutionQueries executions;
    private final WholeExecutions whole;
    private final VisibleExecutions visible;
    private final PastExecutions past;

    ExecutionQueryController(
            ExecutionQueries executions, WholeExecutions whole, VisibleExecutions visible, PastExecutions past) {
        this.executions = executions;
        this.whole = whole;
        this.visible = visible;
        this.past = past;
    }

    @TakesExecutionFilter
    @GetMapping(path = "/api/v1/executions", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<?> list(@RequestAttribute(QueryHeaders.NAMESPACE) String namespace, QueryParameters given) {
        var at = given.time("at");
        if (at != null) {
            return executions.listOf(at, namespace, given, ExecutionFilter.ofWhatNeverChanges(given));
        }
        return executions.list(namespace, ExecutionFilter.of(given), given.cursor(), given.limit());
    }

    @TakesExecutionFilter(without = Parameter.WORKFLOW)
    @GetMapping(path = "/api/v1/workflows/{name}/executions", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<?> listOfWorkflow(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String name,
            QueryParameters given) {
        var ofWorkflow = ExecutionFilter.ofWorkflow(QueryParameters.checked("name", name));
        var at = given.time("at");
        if (at != null) {
            var conditions = new ArrayList<>(ExecutionFilter.ofWhatNeverChanges(given));
            conditions.add(ofWorkflow);
            return executions.listOf(at, namespace, given, conditions);
        }
        var filter = ExecutionFilter.of(given).and(ofWorkflow);
        return executions.list(namespace, filter, given.cursor(), given.limit());
    }

    @Takes({
        Parameter.WORKFLOW,
        Parameter.EXECUTION_VERSION,
        Parameter.AT,
        Parameter.EXECUTION_STATUS,
        Parameter.TYPE,
        Parameter.AGENT_ID,
        Parameter.CUSTOMER_ID,
        Parameter.EXTERNAL_ID,
        Parameter.TAG,
        Parameter.Q,
        Parameter.CREATED_AFTER,
        Parameter.CREATED_BEFORE,
        Parameter.STARTED_AFTER,
        Parameter.STARTED_BEFORE,
        Parameter.ENDED_AFTER,
        Parameter.ENDED_BEFORE,
        Parameter.MIN_DURATION_MS,
        Parameter.MAX_DURATION_MS,
        Parameter.SORT,
        Parameter.LIMIT,
        Parameter.CURSOR
    })
    @GetMapping(path = "/api/v1/executions/{executionId}/children", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<?> listOfParent(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var moment = Moment.of(given);
        if (moment != null) {
            var conditions = ExecutionFilter.ofWhatNeverChanges(given).stream()
                    .filter(condition -> condition.index() != ExecutionCondition.Index.WORKFLOW_VERSION)
                    .toList();
            return executions.childrenOf(id, past.positionAt(id, moment), given, conditions);
        }
        var filter = ExecutionFilter.of(given).and(ExecutionFilter.childOf(id.id()));
        visible.mustExist(id);
        return executions.list(namespace, filter, given.cursor(), given.limit());
    }

    @Takes({Parameter.INCLUDE, Parameter.EXECUTION_VERSION, Parameter.AT, Parameter.CLOCK})
    @GetMapping(path = "/api/v1/executions/{executionId}", produces = MediaType.APPLICATION_JSON_VALUE)
    ExecutionAnswer one(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var included = included(given);
        var moment = Moment.of(given);
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        return moment == null ? whole.present(id, included) : whole.past(past.at(id, moment), included);
    }

    private static Set<String> included(QueryParameters given) {
        var parts = new HashSet<String>();
        for (var list : given.texts("include")) {
            parts.addAll(List.of(list.split(",", -1)));
        }
        for (var part : parts) {
            if (!part.equals(WholeExecutions.STEPS) && !part.equals(WholeExecutions.ARTIFACTS)) {
                throw QueryProblem.badParameter("include", "is none of steps, artifacts");
            }
        }
        return parts;
    }
}
