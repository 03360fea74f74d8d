package dev.runledger.query.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.Takes;
import dev.runledger.query.execution.ExecutionItem;
import dev.runledger.query.execution.ExecutionQueries;
import dev.runledger.query.step.StepQueries;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** What an agent is doing. An agent that nobody ever named does nothing. */
@OfReadModel
@RestController
class AgentQueryController {

    /** Running executions and steps are counted up to this. */
    private static final int MOST_COUNTED = 10_000;

    private final ExecutionQueries executions;
    private final StepQueries steps;

    AgentQueryController(ExecutionQueries executions, StepQueries steps) {
        this.executions = executions;
        this.steps = steps;
    }

    /**
     * What an agent is doing.
     *
     * @param current its running execution that started last; null when it has none
     * @param executions its running executions, the current one first, at most {@code limit}
     * @param runningExecutions counted up to 10,000
     * @param runningSteps counted up to 10,000
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record AgentAnswer(
            String agentId,
            @Nullable ExecutionItem current,
            List<ExecutionItem> executions,
            long runningExecutions,
            long runningSteps) {}

    @Takes(Parameter.LIMIT)
    @GetMapping(path = "/api/v1/agents/{agentId}", produces = MediaType.APPLICATION_JSON_VALUE)
    AgentAnswer one(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String agentId,
            QueryParameters given) {
        var limit = given.limit();
        var id = QueryParameters.checked("agentId", agentId);
        var running = executions.runningOf(namespace, id, limit);
        return new AgentAnswer(
                id,
                running.isEmpty() ? null : running.getFirst(),
                running,
                running.size() < limit ? running.size() : executions.countRunningOf(namespace, id, MOST_COUNTED),
                steps.runningOf(namespace, id, MOST_COUNTED));
    }
}
