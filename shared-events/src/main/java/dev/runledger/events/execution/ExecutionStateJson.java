package dev.runledger.events.execution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;

/**
 * A state as compact JSON, one pass either way: an array of its components in their order, null where there is none.
 * A step is {@code [stepId, iteration, iteration, …]}, an artifact or checkpoint {@code [id, hash]}: as names of an
 * object, 100,000 ids would fill the parser's table of names.
 */
final class ExecutionStateJson {

    private ExecutionStateJson() {}

    static final class Writer extends ValueSerializer<ExecutionState> {

        @Override
        public void serialize(ExecutionState state, JsonGenerator out, SerializationContext context) {
            out.writeStartArray();
            var status = state.status();
            out.writeString(status == null ? null : status.name());
            out.writeBoolean(state.erased());
            out.writeNumber(state.version());
            out.writeNumber(state.attempt());
            write(state.first(), out);
            write(state.startedWith(), out);
            out.writeNumber(state.endHash());
            out.writeNumber(state.retryHash());
            out.writeNumber(state.amendHash());
            out.writeStartArray();
            state.steps().forEach((stepId, iterations) -> {
                out.writeStartArray();
                out.writeString(stepId);
                for (var row : iterations) {
                    write(row, out);
                }
                out.writeEndArray();
            });
            out.writeEndArray();
            out.writeNumber(state.iterations());
            out.writeNumber(state.pendingSteps());
            out.writeNumber(state.activeSteps());
            write(state.artifacts(), out);
            write(state.checkpoints(), out);
            out.writeStartArray();
            for (var id : state.commandIds()) {
                out.writeNumber(id);
            }
            out.writeEndArray();
            out.writeEndArray();
        }

        private static void write(@Nullable StartContent content, JsonGenerator out) {
            if (content == null) {
                out.writeNull();
                return;
            }
            out.writeStartArray();
            write(content.fields(), out);
            out.writeNumber(content.steps());
            out.writeEndArray();
        }

        private static void write(StepState row, JsonGenerator out) {
            out.writeStartArray();
            out.writeString(row.status().name());
            out.writeNumber(row.attempts());
            out.writeNumber(row.attemptsBeforeRetry());
            out.writeNumber(row.maxRetries());
            write(row.details(), out);
            out.writeNumber(row.firstVersion());
            out.writeNumber(row.startHash());
            out.writeNumber(row.endHash());
            out.writeEndArray();
        }

        private static void write(FieldHashes fields, JsonGenerator out) {
            var hashes = fields.hashes();
            out.writeArray(hashes, 0, hashes.length);
        }

        private static void write(PMap<String, Long> hashes, JsonGenerator out) {
            out.writeStartArray();
            hashes.forEach((id, hash) -> {
                out.writeStartArray();
                out.writeString(id);
                out.writeNumber(hash);
                out.writeEndArray();
            });
            out.writeEndArray();
        }
    }

    static final class Reader extends ValueDeserializer<ExecutionState> {

        @Override
        public ExecutionState deserialize(JsonParser in, DeserializationContext context) {
            var reading = new Reading(in, context);
            reading.expect(in.currentToken(), JsonToken.START_ARRAY);
            var state = new ExecutionState(
                    reading.status(),
                    reading.flag(),
                    reading.number(),
                    reading.smallNumber(),
                    reading.startContent(),
                    reading.startContent(),
                    reading.number(),
                    reading.number(),
                    reading.number(),
                    reading.steps(),
                    reading.smallNumber(),
                    reading.smallNumber(),
                    reading.smallNumber(),
                    reading.namedHashes(),
                    reading.namedHashes(),
                    HashTreePSet.from(reading.commandIds()));
            reading.end();
            if ((state.status() == null) != (state.version() == 0)) {
                context.reportInputMismatch(this, "a kept state is of no execution that can be");
            }
            return state;
        }
    }

    /** Takes one value after the other. */
    private static final class Reading {

        private final JsonParser in;
        private final DeserializationContext context;

        Reading(JsonParser in, DeserializationContext context) {
            this.in = in;
            this.context = context;
        }

        void expect(@Nullable JsonToken token, JsonToken wanted) {
            if (token != wanted) {
                context.reportWrongTokenException(ExecutionState.class, wanted, "a kept state has another shape");
            }
        }

        void begin() {
            expect(in.nextToken(), JsonToken.START_ARRAY);
        }

        void end() {
            expect(in.nextToken(), JsonToken.END_ARRAY);
        }

        /** Whether there is one more array in the one that is being read; else that one is over. */
        boolean next() {
            if (in.nextToken() == JsonToken.END_ARRAY) {
                return false;
            }
            expect(in.currentToken(), JsonToken.START_ARRAY);
            return true;
        }

        String text() {
            expect(in.nextToken(), JsonToken.VALUE_STRING);
            return in.getString();
        }

        long number() {
            expect(in.nextToken(), JsonToken.VALUE_NUMBER_INT);
            return in.getLongValue();
        }

        int smallNumber() {
            expect(in.nextToken(), JsonToken.VALUE_NUMBER_INT);
            return in.getIntValue();
        }

        boolean flag() {
            var token = in.nextToken();
            if (token != JsonToken.VALUE_TRUE) {
                expect(token, JsonToken.VALUE_FALSE);
            }
            return token == JsonToken.VALUE_TRUE;
        }

        @Nullable
        ExecutionStatus status() {
            if (in.nextToken() == JsonToken.VALUE_NULL) {
                return null;
            }
            expect(in.currentToken(), JsonToken.VALUE_STRING);
            return ExecutionStatus.valueOf(in.getString());
        }

        @Nullable
        StartContent startContent() {
            if (in.nextToken() == JsonToken.VALUE_NULL) {
                return null;
            }
            expect(in.currentToken(), JsonToken.START_ARRAY);
            begin();
            var content = new StartContent(fieldHashes(), number());
            end();
            return content;
        }

        /** The rest of an array of numbers. */
        private List<Long> numbers() {
            var numbers = new ArrayList<Long>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                expect(in.currentToken(), JsonToken.VALUE_NUMBER_INT);
                numbers.add(in.getLongValue());
            }
            return numbers;
        }

        private FieldHashes fieldHashes() {
            return FieldHashes.ofHashes(
                    numbers().stream().mapToLong(Long::longValue).toArray());
        }

        PMap<String, PVector<StepState>> steps() {
            Map<String, PVector<StepState>> steps = new HashMap<>();
            begin();
            while (next()) {
                var stepId = text();
                var rows = new ArrayList<StepState>(1);
                while (next()) {
                    rows.add(row());
                }
                steps.put(stepId, TreePVector.from(rows));
            }
            return HashTreePMap.from(steps);
        }

        /** The rest of a row. */
        private StepState row() {
            var status = StepStatus.valueOf(text());
            var attempts = smallNumber();
            var attemptsBeforeRetry = smallNumber();
            var maxRetries = smallNumber();
            begin();
            var row = new StepState(
                    status, attempts, attemptsBeforeRetry, maxRetries, fieldHashes(), number(), number(), number());
            end();
            return row;
        }

        PMap<String, Long> namedHashes() {
            Map<String, Long> hashes = new HashMap<>();
            begin();
            while (next()) {
                hashes.put(text(), number());
                end();
            }
            return HashTreePMap.from(hashes);
        }

        Set<Long> commandIds() {
            begin();
            return new HashSet<>(numbers());
        }
    }
}
