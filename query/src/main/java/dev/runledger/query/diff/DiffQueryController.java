package dev.runledger.query.diff;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Takes;
import dev.runledger.query.execution.WholeExecutions;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.Past;
import dev.runledger.query.past.PastExecutions;
import dev.runledger.query.past.PastMemory;
import dev.runledger.query.past.PastMemory.Share;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** What changed in an execution, and in what two executions differ. */
@OfReadModel
@RestController
class DiffQueryController {

    private static final String PATH = "/api/v1/executions/{executionId}/diff";
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final String PLAIN_TEXT = "text/plain;charset=UTF-8";
    private static final String WITH = "with";
    private static final String NOT_WITH = "!with";

    private static final Map<String, Function<JsonNode, Object>> IDENTITIES = Map.of(
            "/steps", step -> List.of(step.get("stepId"), step.get("iteration")),
            "/artifacts", artifact -> artifact.get("artifactId"));

    /** What a step or an artifact takes as a tree, without its payloads. */
    private static final long BYTES_OF_PART = 5_000;

    /** What a value takes as a tree, beside its text. */
    private static final long BYTES_OF_VALUE = 150;

    private final PastExecutions past;
    private final WholeExecutions executions;
    private final PastMemory memory;

    DiffQueryController(PastExecutions past, WholeExecutions executions, PastMemory memory) {
        this.past = past;
        this.executions = executions;
        this.memory = memory;
    }

    @Takes({Parameter.FROM, Parameter.TO, Parameter.CLOCK})
    @GetMapping(
            path = PATH,
            params = NOT_WITH,
            produces = {JSON_PATCH, MediaType.APPLICATION_JSON_VALUE})
    ArrayNode patch(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var pasts = pasts(namespace, executionId, given);
        return memory.with(share -> JsonPatch.between(
                document(share, pasts.from()), document(share, pasts.to()), IDENTITIES, json -> read(share, json)));
    }

    @Takes({Parameter.FROM, Parameter.TO, Parameter.CLOCK})
    @GetMapping(path = PATH, params = NOT_WITH, produces = PLAIN_TEXT)
    String text(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        var pasts = pasts(namespace, executionId, given);
        return DiffText.of(pasts.from(), pasts.to());
    }

    @Takes({Parameter.WITH, Parameter.FROM, Parameter.TO, Parameter.CLOCK})
    @GetMapping(path = PATH, params = WITH, produces = MediaType.APPLICATION_JSON_VALUE)
    Comparison comparison(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        for (var other : List.of("from", "to", "clock")) {
            if (given.text(other) != null) {
                throw QueryProblem.badParameter(other, "is given together with with");
            }
        }
        var with = QueryParameters.uuid(WITH, Objects.requireNonNull(given.text(WITH)));
        return Comparison.of(
                past.now(new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId))),
                past.now(new ExecutionId(namespace, with)));
    }

    @Takes({Parameter.WITH, Parameter.FROM, Parameter.TO, Parameter.CLOCK})
    @GetMapping(path = PATH, params = WITH, produces = PLAIN_TEXT)
    String comparisonText(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given) {
        return comparison(namespace, executionId, given).text();
    }

    private record Pasts(Past from, Past to) {}

    private Pasts pasts(String namespace, String executionId, QueryParameters given) {
        var moments = Moment.between(given);
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        return new Pasts(past.at(id, moments.from()), past.at(id, moments.to()));
    }

    /** What {@code GET /executions/{id}?include=steps,artifacts} answers of that past; its payloads are not read. */
    private JsonNode document(Share share, Past then) {
        var parts = 1L + then.view().steps().size() + then.view().artifacts().size();
        var answer = executions.whole(then);
        share.add(BYTES_OF_PART * parts);
        return EventJson.mapper().valueToTree(answer);
    }

    private static JsonNode read(Share share, String json) {
        // Every value comes after one of these.
        var values = json.chars()
                .filter(c -> c == '{' || c == '[' || c == ',' || c == ':')
                .count();
        share.add(2L * json.length() + BYTES_OF_VALUE * (1 + values));
        return EventJson.mapper().readTree(json);
    }
}
