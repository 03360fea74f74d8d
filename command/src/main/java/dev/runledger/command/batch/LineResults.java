package dev.runledger.command.batch;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.runledger.command.execution.Outcome;
import dev.runledger.command.execution.StepReceipt;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;

/** Writes the result of a line as JSON, without a line end. Problems have the members that they have over HTTP. */
final class LineResults {

    private final String instance;
    private final String requestId;

    LineResults(String instance, String requestId) {
        this.instance = instance;
        this.requestId = requestId;
    }

    @JsonPropertyOrder({"line", "executionId", "version", "position", "status", "unchanged", "step"})
    private record AcceptedLine(
            long line,
            UUID executionId,
            long version,
            long position,
            ExecutionStatus status,
            boolean unchanged,
            @Nullable StepReceipt step) {}

    @JsonPropertyOrder({"line", "executionId", "problem"})
    private record RefusedLine(long line, @Nullable UUID executionId, Map<String, Object> problem) {}

    byte[] accepted(long line, UUID execution, Outcome.Accepted accepted) {
        return EventJson.mapper()
                .writeValueAsBytes(new AcceptedLine(
                        line,
                        execution,
                        accepted.version(),
                        accepted.position(),
                        accepted.status(),
                        accepted.unchanged(),
                        accepted.steps().isEmpty() ? null : accepted.steps().getFirst()));
    }

    /** @param execution null when the line did not say which */
    byte[] problem(long line, @Nullable UUID execution, ProblemDetail problem) {
        var members = new LinkedHashMap<String, Object>();
        members.put("type", String.valueOf(problem.getType()));
        members.put("title", String.valueOf(problem.getTitle()));
        members.put("status", problem.getStatus());
        members.put("detail", String.valueOf(problem.getDetail()));
        members.put("instance", instance);
        var more = problem.getProperties();
        if (more != null) {
            members.putAll(more);
        }
        members.put("requestId", requestId);
        return EventJson.mapper().writeValueAsBytes(new RefusedLine(line, execution, members));
    }
}
