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
import dev.runledger.query.artifact.ArtifactQueries;
import dev.runledger.query.step.StepQueries;
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

    private static final int MOST_INCLUDED = 1_000;

    private final ExecutionQueries executions;
    private final StepQueries steps;
    private final ArtifactQueries artifacts;
    private final VisibleExecutions visible;

    ExecutionQueryController(
            ExecutionQueries executions, StepQueries steps, ArtifactQueries artifacts, VisibleExecutions visible) {
        this.executions = executions;
        this.steps = steps;
        this.artifacts = artifacts;
        this.visible = visible;
    }

    @TakesExecutionFilter
    @GetMapping(path = "/api/v1/executions", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<ExecutionItem> list(@RequestAttribute(QueryHeaders.NAMESPACE) String namespace, QueryParameters given) {
        return executions.list(namespace, ExecutionFilter.of(given), given.cursor(), given.limit());
    }

    @TakesExecutionFilter(without = Parameter.WORKFLOW)
    @GetMapping(path = "/api/v1/workflows/{name}/executions", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<ExecutionItem> listOfWorkflow(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String name,
            QueryParameters given) {
        var filter = ExecutionFilter.of(given).and(ExecutionFilter.ofWorkflow(QueryParameters.checked("name", name)));
        return executions.list(namespace, filter, given.cursor(), given.limit());
    }

    @TakesExecutionFilter(without = Parameter.PARENT_EXECUTION_ID)
    @GetMapping(path = "/api/v1/executions/{executionId}/children", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<ExecutionItem> listOfParent(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var filter = ExecutionFilter.of(given).and(ExecutionFilter.childOf(id.id()));
        visible.mustExist(id);
        return executions.list(namespace, filter, given.cursor(), given.limit());
    }

    @Takes(Parameter.INCLUDE)
    @GetMapping(path = "/api/v1/executions/{executionId}", produces = MediaType.APPLICATION_JSON_VALUE)
    ExecutionAnswer one(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var included = included(given);
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        var found = executions.one(id);
        return new ExecutionAnswer(
                executions.withRoots(namespace, List.of(found.item())).getFirst(),
                found.metadata(),
                found.input(),
                found.output(),
                found.currentState(),
                included.contains("steps") ? steps(id) : ExecutionAnswer.IncludedSteps.NONE,
                included.contains("artifacts") ? artifacts(id) : ExecutionAnswer.IncludedArtifacts.NONE);
    }

    private ExecutionAnswer.IncludedSteps steps(ExecutionId id) {
        var page = steps.first(id, MOST_INCLUDED);
        return new ExecutionAnswer.IncludedSteps(page.items(), page.nextCursor());
    }

    private ExecutionAnswer.IncludedArtifacts artifacts(ExecutionId id) {
        var page = artifacts.first(id, MOST_INCLUDED);
        return new ExecutionAnswer.IncludedArtifacts(page.items(), page.nextCursor());
    }

    private static Set<String> included(QueryParameters given) {
        var parts = new HashSet<String>();
        for (var list : given.texts("include")) {
            parts.addAll(List.of(list.split(",", -1)));
        }
        for (var part : parts) {
            if (!part.equals("steps") && !part.equals("artifacts")) {
                throw QueryProblem.badParameter("include", "is none of steps, artifacts");
            }
        }
        return parts;
    }
}
