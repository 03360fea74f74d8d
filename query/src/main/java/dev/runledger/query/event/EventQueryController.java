package dev.runledger.query.event;

import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.Page;
import dev.runledger.eventstore.StreamEnd;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.Cursor;
import dev.runledger.query.NdjsonFeed;
import dev.runledger.query.PageOf;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import dev.runledger.query.Takes;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** The log itself: of one execution and of a namespace, with every acknowledged event. */
@RestController
class EventQueryController {

    private static final String AFTER = "after";

    private final EventLog log;
    private final Reads reads;
    private final NdjsonFeed feed;

    EventQueryController(EventLog log, Reads reads, NdjsonFeed feed) {
        this.log = log;
        this.reads = reads;
        this.feed = feed;
    }

    @Takes({Parameter.AFTER_POSITION, Parameter.LIMIT, Parameter.CURSOR})
    @GetMapping(path = "/api/v1/events", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<EventAnswer> list(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            QueryParameters given,
            HttpServletResponse response) {
        var after = after(given, "position");
        var limit = given.limit();
        tellHead(response);
        return answer(reads.inTurn(() -> log.readNamespace(namespace, after, Long.MAX_VALUE, limit)), "position");
    }

    @Takes(Parameter.AFTER_POSITION)
    @GetMapping(path = "/api/v1/events", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void feed(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            QueryParameters given,
            HttpServletResponse response)
            throws IOException {
        var after = after(given, "position");
        var head = tellHead(response);
        feed.write(
                response,
                List.of(),
                after,
                from -> part(log.readNamespace(namespace, from, head, NdjsonFeed.PART_ITEMS)));
    }

    @Takes({Parameter.AFTER_VERSION, Parameter.EVENT_TYPE, Parameter.STEP_ID, Parameter.LIMIT, Parameter.CURSOR})
    @GetMapping(path = "/api/v1/executions/{executionId}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    PageOf<EventAnswer> listOfExecution(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given,
            HttpServletResponse response) {
        var after = after(given, "version");
        var filter = filter(given);
        var limit = given.limit();
        var stream = stream(namespace, executionId);
        tellHead(response);
        mustBeVisible(stream);
        return answer(reads.inTurn(() -> log.readStream(stream, after, Long.MAX_VALUE, filter, limit)), "version");
    }

    @Takes({Parameter.AFTER_VERSION, Parameter.EVENT_TYPE, Parameter.STEP_ID})
    @GetMapping(path = "/api/v1/executions/{executionId}/events", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void feedOfExecution(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            @PathVariable String executionId,
            QueryParameters given,
            HttpServletResponse response)
            throws IOException {
        var after = after(given, "version");
        var filter = filter(given);
        var stream = stream(namespace, executionId);
        tellHead(response);
        var head = mustBeVisible(stream);
        feed.write(
                response,
                List.of(),
                after,
                from -> part(log.readStream(stream, from, head.version(), filter, NdjsonFeed.PART_ITEMS)));
    }

    private static PageOf<EventAnswer> answer(Page page, String order) {
        return new PageOf<>(
                page.events().stream().map(EventAnswer::of).toList(),
                page.next() == null ? null : Cursor.after(order, page.next()));
    }

    private static NdjsonFeed.Part part(Page page) {
        return new NdjsonFeed.Part(page.events().stream().map(EventAnswer::of).toList(), page.next());
    }

    private long tellHead(HttpServletResponse response) {
        var head = reads.inTurn(() -> log.head().position());
        response.setHeader(QueryHeaders.POSITION, String.valueOf(head));
        return head;
    }

    private StreamEnd mustBeVisible(StreamId stream) {
        var end = reads.inTurn(() -> log.streamEnd(stream))
                .orElseThrow(() ->
                        QueryProblem.notFound("execution " + stream.stream().substring("execution/".length())));
        if (ExecutionEventTypes.erasing().contains(end.type())) {
            throw QueryProblem.erased(stream.stream().substring("execution/".length()));
        }
        return end;
    }

    private static StreamId stream(String namespace, String executionId) {
        var id = new ExecutionId(namespace, QueryParameters.uuid("executionId", executionId));
        return new StreamId(namespace, id.stream());
    }

    private static long after(QueryParameters given, String order) {
        var after = given.number(AFTER, 0);
        var cursor = given.cursor();
        if (cursor == null) {
            return after == null ? 0 : after;
        }
        if (after != null) {
            throw QueryProblem.badParameter(AFTER, "is given together with " + QueryParameters.CURSOR);
        }
        return Cursor.after(cursor, order);
    }

    private static EventFilter filter(QueryParameters given) {
        var types = new HashSet<String>();
        for (var type : given.texts("type")) {
            if (!ExecutionEventTypes.names().containsValue(type)) {
                throw QueryProblem.badParameter("type", "is no type of event");
            }
            types.add(type);
        }
        @Nullable String stepId = given.text("stepId");
        return new EventFilter(types, stepId == null ? Map.of() : Map.of("stepId", stepId));
    }
}
