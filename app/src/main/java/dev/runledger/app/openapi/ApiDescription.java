package dev.runledger.app.openapi;

import dev.runledger.app.openapi.Operations.Described;
import dev.runledger.app.openapi.Operations.Kind;
import dev.runledger.command.execution.CommandName;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StepStatus;
import dev.runledger.eventstore.Verification;
import dev.runledger.query.OfReadModel;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.TakenParameters;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.core.io.ClassPathResource;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * Describes every operation that has a handler. What a query takes comes from its handler; the rest is said in
 * {@link Operations} and {@code components.yml}, since bodies are read and problems written by hand.
 */
final class ApiDescription implements OpenApiCustomizer {

    private static final String JSON = "application/json";
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final String NDJSON = "application/x-ndjson";
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

    private final RequestMappingHandlerMapping handlers;

    ApiDescription(RequestMappingHandlerMapping handlers) {
        this.handlers = handlers;
    }

    @Override
    public void customise(OpenAPI api) {
        var found = api.getPaths() == null ? new Paths() : api.getPaths();
        var paths = new Paths();
        for (var described : Operations.ALL) {
            var ours = described.kind() == Kind.HEALTH || described.kind() == Kind.METRICS;
            if (ours || found.containsKey(described.path())) {
                paths.computeIfAbsent(described.path(), path -> new PathItem())
                        .operation(HttpMethod.valueOf(described.method()), operation(described));
            }
        }
        // One that nobody described is shown as it was found.
        found.forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
            if (Operations.of(method.name(), path) == null) {
                paths.computeIfAbsent(path, ignored -> new PathItem()).operation(method, operation);
            }
        }));
        api.setPaths(paths);
        api.setComponents(components());
    }

    private Operation operation(Described described) {
        var operation = new Operation()
                .operationId(described.id())
                .addTagsItem(described.tag())
                .summary(described.summary());
        var variables = VARIABLE.matcher(described.path());
        while (variables.find()) {
            operation.addParametersItem(pathVariable(variables.group(1)));
        }
        var methods = handlers(described);
        var taken = new LinkedHashSet<dev.runledger.query.Parameter>();
        methods.forEach(method -> taken.addAll(TakenParameters.of(method.getMethod())));
        taken.forEach(parameter -> operation.addParametersItem(parameter(parameter)));
        if (described.kind() == Kind.BATCH) {
            operation.addParametersItem(new Parameter()
                    .in("query")
                    .name("onRefusal")
                    .description("Refuse every later line of an execution of which a line was refused.")
                    .schema(string()._enum(List.of("stopExecution"))));
        }
        var ofReadModel =
                methods.stream().anyMatch(method -> method.getBeanType().isAnnotationPresent(OfReadModel.class));
        headers(described, ofReadModel)
                .forEach(name -> operation.addParametersItem(new Parameter().$ref("#/components/parameters/" + name)));
        if (described.body() != null) {
            operation.requestBody(body(described, described.body()));
        }
        return operation.responses(responses(described, taken.contains(dev.runledger.query.Parameter.AT)));
    }

    private List<HandlerMethod> handlers(Described described) {
        return handlers.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getKey().getPatternValues().contains(described.path())
                        && entry.getKey().getMethodsCondition().getMethods().stream()
                                .anyMatch(method -> method.name().equals(described.method())))
                // Those that answer JSON first: their parameters are the more.
                .sorted(Comparator.<Map.Entry<RequestMappingInfo, HandlerMethod>, Boolean>comparing(entry ->
                                entry.getKey().getProducesCondition().toString().contains(NDJSON))
                        // Else in the order of a hash table, which is another one in each run.
                        .thenComparing(entry -> entry.getValue().getMethod().getName()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static List<String> headers(Described described, boolean ofReadModel) {
        return switch (described.kind()) {
            case COMMAND -> List.of("Namespace", "IdempotencyKey", "IfMatch");
            case CREATION -> List.of("Namespace", "IdempotencyKey");
            case QUERY, PAGE, DIFF -> ofReadModel ? List.of("Namespace", "MinPosition") : List.of("Namespace");
            case BATCH, FEED, LINES -> List.of("Namespace");
            case ACTION, HEALTH, METRICS -> List.of();
        };
    }

    private static Parameter pathVariable(String name) {
        if (name.equals("position")) {
            return new Parameter()
                    .in("path")
                    .name(name)
                    .required(true)
                    .schema(integer("int64").minimum(BigDecimal.ONE));
        }
        var schema = name.equals("executionId")
                ? string().format("uuid")
                : string().minLength(1).maxLength(name.equals("stepId") ? Integer.valueOf(255) : null);
        return new Parameter().in("path").name(name).required(true).schema(schema);
    }

    private static Parameter parameter(dev.runledger.query.Parameter parameter) {
        return new Parameter()
                .in("query")
                .name(parameter.text())
                .description(parameter.meaning())
                .schema(
                        switch (parameter.kind()) {
                            case TEXT -> text();
                            case UUID -> string().format("uuid");
                            case TIME -> string().format("date-time");
                            case NUMBER -> integer("int64").minimum(BigDecimal.ZERO);
                            case POSITION -> integer("int64").minimum(BigDecimal.ONE);
                            case RECEIPT -> string().pattern("^[0-9]{1,18}:[0-9a-f]{64}$");
                            case VERSION_OR_TIME ->
                                new JsonSchema()
                                        .oneOf(List.of(
                                                integer("int64").minimum(BigDecimal.ZERO),
                                                string().format("date-time")));
                            case LIMIT -> {
                                var limit = integer("int32");
                                limit.setDefault(QueryParameters.DEFAULT_LIMIT);
                                yield limit.minimum(BigDecimal.ONE)
                                        .maximum(BigDecimal.valueOf(QueryParameters.MAX_LIMIT));
                            }
                            case TAG -> array(text().pattern("^[^:]+:"));
                            case ONE_OF -> {
                                var choice = string()._enum(List.copyOf(parameter.choice()));
                                choice.setDefault(parameter.choice().getFirst());
                                yield choice;
                            }
                            case SOME_OF -> array(string()._enum(List.copyOf(parameter.choice())));
                        });
    }

    private static RequestBody body(Described described, String schema) {
        var one = reference(schema);
        if (described.kind() == Kind.BATCH) {
            return new RequestBody()
                    .required(true)
                    .content(new Content()
                            .addMediaType(JSON, new MediaType().schema(array(one)))
                            .addMediaType(NDJSON, new MediaType().schema(one)));
        }
        var several = described.id().equals("scheduleStep")
                ? new JsonSchema()
                        .oneOf(List.of(
                                one,
                                array(reference("ScheduledStep")).minItems(1).maxItems(10_000)))
                : one;
        return new RequestBody().content(new Content().addMediaType(JSON, new MediaType().schema(several)));
    }

    private static ApiResponses responses(Described described, boolean ofPast) {
        var responses = new ApiResponses();
        var ok = new ApiResponse().content(content(described, ofPast));
        switch (described.kind()) {
            case COMMAND, CREATION -> {
                ok.description("It holds, and did before where unchanged says so.")
                        .addHeaderObject("ETag", header("ETag"))
                        .addHeaderObject("Runledger-Position", header("Position"));
                responses.addApiResponse("200", ok);
                // Starting one that is not there creates it, as a post to the collection does.
                if (described.kind() == Kind.CREATION || described.id().equals("startExecution")) {
                    responses.addApiResponse(
                            "201",
                            new ApiResponse()
                                    .description("The execution was created.")
                                    .content(content(described, ofPast))
                                    .addHeaderObject("Location", header("Location"))
                                    .addHeaderObject("ETag", header("ETag"))
                                    .addHeaderObject("Runledger-Position", header("Position")));
                }
            }
            case BATCH -> responses.addApiResponse("200", ok.description("A result for each line."));
            case QUERY, PAGE, DIFF, FEED, LINES ->
                responses.addApiResponse(
                        "200", ok.description("Found.").addHeaderObject("Runledger-Position", header("Position")));
            case ACTION -> actionResponses(responses, described, ok);
            case HEALTH -> {
                responses.addApiResponse("200", ok.description("It is well."));
                responses.addApiResponse(
                        "503", new ApiResponse().description("It is not.").content(content(described, ofPast)));
                return responses;
            }
            case METRICS -> {
                responses.addApiResponse("200", ok.description("In the format of Prometheus."));
                problem(responses, "401", "Unauthorized");
                return responses;
            }
        }
        problem(responses, "400", "BadRequest");
        problem(responses, "401", "Unauthorized");
        var writes = described.kind() == Kind.COMMAND || described.kind() == Kind.CREATION;
        if (described.ofExecution()) {
            problem(responses, "404", "NotFound");
        }
        if (writes) {
            problem(responses, "409", "Conflict");
        }
        if (described.ofExecution() || writes) {
            problem(responses, "410", "Gone");
        }
        if (described.kind() == Kind.COMMAND) {
            problem(responses, "412", "PreconditionFailed");
        }
        if (writes) {
            problem(responses, "413", "ContentTooLarge");
        }
        if (described.kind() == Kind.DIFF || (ofPast && described.ofExecution())) {
            problem(responses, "422", "UnprocessableContent");
        }
        if (writes || described.kind() == Kind.BATCH) {
            problem(responses, "415", "UnsupportedMediaType");
        }
        if (described.id().equals("verifyLog")) {
            problem(responses, "429", "TooManyRequests");
        }
        problem(responses, "503", "Unavailable");
        return responses;
    }

    private static void actionResponses(ApiResponses responses, Described described, ApiResponse ok) {
        switch (described.id()) {
            case "rebuildReadModel" -> responses.addApiResponse("202", ok.description("It is going to be done."));
            case "verifyReadModel" -> {
                responses.addApiResponse("200", ok.description("What was found."));
                responses.addApiResponse(
                        "202",
                        new ApiResponse()
                                .description("It takes longer; the projection will show what was found.")
                                .content(new Content()
                                        .addMediaType(JSON, new MediaType().schema(reference("Projection")))));
            }
            default -> responses.addApiResponse("200", ok.description("Done."));
        }
        if (described.method().equals("DELETE")) {
            problem(responses, "404", "NotFound");
        } else {
            problem(responses, "409", "Conflict");
            problem(responses, "413", "ContentTooLarge");
            problem(responses, "415", "UnsupportedMediaType");
        }
    }

    private static Content content(Described described, boolean ofPast) {
        if (described.kind() == Kind.METRICS) {
            return new Content().addMediaType("text/plain", new MediaType().schema(string()));
        }
        var one = reference(described.answer());
        return switch (described.kind()) {
            case PAGE ->
                new Content()
                        .addMediaType(JSON, new MediaType().schema(ofPast ? pageOfPast(described, one) : pageOf(one)));
            case DIFF ->
                new Content()
                        .addMediaType(JSON_PATCH, new MediaType().schema(one))
                        .addMediaType(
                                JSON,
                                new MediaType().schema(new JsonSchema().oneOf(List.of(one, reference("Comparison")))))
                        .addMediaType("text/plain", new MediaType().schema(string()));
            case FEED ->
                new Content()
                        .addMediaType(JSON, new MediaType().schema(pageOf(one)))
                        .addMediaType(NDJSON, new MediaType().schema(one));
            case BATCH ->
                new Content()
                        .addMediaType(JSON, new MediaType().schema(array(one)))
                        .addMediaType(NDJSON, new MediaType().schema(one));
            case LINES -> new Content().addMediaType(NDJSON, new MediaType().schema(one));
            case HEALTH ->
                new Content().addMediaType("application/vnd.spring-boot.actuator.v3+json", new MediaType().schema(one));
            case COMMAND, CREATION, QUERY, ACTION, METRICS ->
                new Content().addMediaType(JSON, new MediaType().schema(one));
        };
    }

    private static void problem(ApiResponses responses, String status, String name) {
        responses.addApiResponse(status, new ApiResponse().$ref("#/components/responses/" + name));
    }

    private static Header header(String name) {
        return new Header().$ref("#/components/headers/" + name);
    }

    /** A page that may show the past; of executions it then shows less. */
    private static Schema<?> pageOfPast(Described described, Schema<?> item) {
        var ofExecutions = described.answer().equals("ExecutionItem");
        var page = pageOf(ofExecutions ? new JsonSchema().oneOf(List.of(item, reference("ExecutionThen"))) : item);
        page.getProperties().put("asOf", reference("AsOf"));
        return page;
    }

    private static Schema<?> pageOf(Schema<?> item) {
        var cursor = new JsonSchema();
        cursor.setTypes(new TreeSet<>(Set.of("string", "null")));
        cursor.setDescription("Where the next page begins; null when the list has ended.");
        var properties = new LinkedHashMap<String, Schema>();
        properties.put("items", array(item));
        properties.put("nextCursor", cursor);
        var page = typed("object");
        page.setProperties(properties);
        page.setRequired(List.of("items", "nextCursor"));
        return page;
    }

    private static Schema<?> reference(String schema) {
        return new JsonSchema().$ref("#/components/schemas/" + schema);
    }

    private static Schema<Object> array(Schema<?> item) {
        return typed("array").items(item);
    }

    private static Schema<Object> text() {
        return string().minLength(1).maxLength(QueryParameters.MAX_TEXT);
    }

    private static Schema<Object> string() {
        return typed("string");
    }

    private static Schema<Object> integer(String format) {
        return typed("integer").format(format);
    }

    @SuppressWarnings("unchecked")
    private static Schema<Object> typed(String type) {
        Schema<Object> schema = new JsonSchema();
        schema.setTypes(Set.of(type));
        return schema;
    }

    private static Components components() {
        var options = new LoaderOptions();
        options.setMaxAliasesForCollections(1_000);
        try (var in = new ClassPathResource("components.yml", ApiDescription.class).getInputStream()) {
            Map<String, Object> text = new Yaml(options).load(in);
            var components = Json31.mapper().convertValue(text, Components.class);
            enumerate(components, "ExecutionStatus", names(ExecutionStatus.values()));
            enumerate(components, "StepStatus", names(StepStatus.values()));
            enumerate(
                    components,
                    "EventType",
                    List.copyOf(new TreeSet<>(ExecutionEventTypes.names().values())));
            enumerate(components, "VerifyReason", names(Verification.Reason.values()));
            enumerate(
                    components,
                    "CommandName",
                    Arrays.stream(CommandName.values()).map(CommandName::text).toList());
            return components;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static void enumerate(Components components, String name, List<String> values) {
        ((Schema<Object>) Objects.requireNonNull(components.getSchemas().get(name), name)).setEnum(List.copyOf(values));
    }

    private static List<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::name).toList();
    }
}
