package dev.runledger.query.execution;

import dev.runledger.events.Json;
import dev.runledger.query.FailureAnswer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.util.NameTransformer;

/** Writes the JSON of an {@link ExecutionItem} as its components say; by name of each, lists spend their time on it. */
final class ExecutionItemWriter extends ValueSerializer<ExecutionItem> {

    private static final SerializableString EXECUTION_ID = new SerializedString("executionId");
    private static final SerializableString NAMESPACE = new SerializedString("namespace");
    private static final SerializableString WORKFLOW = new SerializedString("workflow");
    private static final SerializableString WORKFLOW_VERSION = new SerializedString("workflowVersion");
    private static final SerializableString TYPE = new SerializedString("type");
    private static final SerializableString STATUS = new SerializedString("status");
    private static final SerializableString ATTEMPT = new SerializedString("attempt");
    private static final SerializableString VERSION = new SerializedString("version");
    private static final SerializableString POSITION = new SerializedString("position");
    private static final SerializableString AGENT_ID = new SerializedString("agentId");
    private static final SerializableString CUSTOMER_ID = new SerializedString("customerId");
    private static final SerializableString EXTERNAL_ID = new SerializedString("externalId");
    private static final SerializableString PARENT_EXECUTION_ID = new SerializedString("parentExecutionId");
    private static final SerializableString PARENT_STEP_ID = new SerializedString("parentStepId");
    private static final SerializableString ROOT_EXECUTION_ID = new SerializedString("rootExecutionId");
    private static final SerializableString TAGS = new SerializedString("tags");
    private static final SerializableString ERROR = new SerializedString("error");
    private static final SerializableString CREATED_AT = new SerializedString("createdAt");
    private static final SerializableString STARTED_AT = new SerializedString("startedAt");
    private static final SerializableString ENDED_AT = new SerializedString("endedAt");
    private static final SerializableString DURATION_MS = new SerializedString("durationMs");
    private static final SerializableString CLOCK_SKEW = new SerializedString("clockSkew");
    private static final SerializableString DEADLINE_AT = new SerializedString("deadlineAt");
    private static final SerializableString ITERATIONS = new SerializedString("iterations");
    private static final SerializableString STEP_COUNTS = new SerializedString("stepCounts");
    private static final SerializableString ARTIFACT_COUNT = new SerializedString("artifactCount");

    /** Whether the fields are written into an object that is open. */
    private final boolean unwrapped;

    ExecutionItemWriter() {
        this(false);
    }

    private ExecutionItemWriter(boolean unwrapped) {
        this.unwrapped = unwrapped;
    }

    @Override
    public boolean isUnwrappingSerializer() {
        return unwrapped;
    }

    @Override
    public ValueSerializer<ExecutionItem> unwrappingSerializer(NameTransformer unwrapper) {
        return new ExecutionItemWriter(true);
    }

    @Override
    public void serialize(ExecutionItem item, JsonGenerator out, SerializationContext context) {
        if (!unwrapped) {
            out.writeStartObject(item);
        }
        write(out, EXECUTION_ID, item.executionId());
        write(out, NAMESPACE, item.namespace());
        write(out, WORKFLOW, item.workflow());
        write(out, WORKFLOW_VERSION, item.workflowVersion());
        write(out, TYPE, item.type());
        write(out, STATUS, item.status());
        write(out, ATTEMPT, item.attempt());
        write(out, VERSION, item.version());
        write(out, POSITION, item.position());
        write(out, AGENT_ID, item.agentId());
        write(out, CUSTOMER_ID, item.customerId());
        write(out, EXTERNAL_ID, item.externalId());
        write(out, PARENT_EXECUTION_ID, item.parentExecutionId());
        write(out, PARENT_STEP_ID, item.parentStepId());
        write(out, ROOT_EXECUTION_ID, item.rootExecutionId());
        write(out, TAGS, item.tags());
        write(out, ERROR, item.error(), context);
        write(out, CREATED_AT, item.createdAt());
        write(out, STARTED_AT, item.startedAt());
        write(out, ENDED_AT, item.endedAt());
        write(out, DURATION_MS, item.durationMs());
        out.writeName(CLOCK_SKEW);
        out.writeBoolean(item.clockSkew());
        write(out, DEADLINE_AT, item.deadlineAt());
        write(out, ITERATIONS, item.iterations());
        write(out, STEP_COUNTS, item.stepCounts());
        write(out, ARTIFACT_COUNT, item.artifactCount());
        if (!unwrapped) {
            out.writeEndObject();
        }
    }

    private static void write(JsonGenerator out, SerializableString name, @Nullable String text) {
        out.writeName(name);
        if (text == null) {
            out.writeNull();
        } else {
            out.writeString(text);
        }
    }

    private static void write(JsonGenerator out, SerializableString name, @Nullable UUID id) {
        write(out, name, id == null ? null : id.toString());
    }

    private static void write(JsonGenerator out, SerializableString name, long number) {
        out.writeName(name);
        out.writeNumber(number);
    }

    private static void write(JsonGenerator out, SerializableString name, @Nullable Number number) {
        out.writeName(name);
        if (number == null) {
            out.writeNull();
        } else {
            out.writeNumber(number.longValue());
        }
    }

    private static void write(JsonGenerator out, SerializableString name, Json json) {
        out.writeName(name);
        out.writeRawValue(json.text());
    }

    private static void write(
            JsonGenerator out, SerializableString name, @Nullable FailureAnswer failure, SerializationContext context) {
        out.writeName(name);
        if (failure == null) {
            out.writeNull();
        } else {
            context.writeValue(out, failure);
        }
    }
}
