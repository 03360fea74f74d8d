package dev.runledger.query.projection;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepView;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a fold remembers of executions whose rows it has written, so that it need not read them back. Bounded; those that
 * were touched least recently are forgotten.
 */
final class KnownExecutions {

    /** What an object with its fields takes beside its texts, roughly. */
    private static final int HEADER_BYTES = 1_000;

    private static final int STEP_BYTES = 600;

    /**
     * An execution as its rows are.
     *
     * @param whole whether it has no other steps than those of the view
     */
    record Known(ExecutionView view, boolean whole) {}

    private record Entry(Known known, long bytes) {}

    private final LinkedHashMap<ExecutionId, Entry> entries = new LinkedHashMap<>(1_024, 0.75f, true);
    private final long mostBytes;
    private long bytes;

    /** @param mostBytes how much to remember, by a rough count; 0 for nothing */
    KnownExecutions(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    @Nullable
    Known get(ExecutionId id) {
        var entry = entries.get(id);
        return entry == null ? null : entry.known();
    }

    void put(ExecutionId id, Known known) {
        if (mostBytes == 0) {
            return;
        }
        forget(id);
        var entry = new Entry(known, bytes(known.view()));
        entries.put(id, entry);
        bytes += entry.bytes();
        var eldest = entries.entrySet().iterator();
        while (bytes > mostBytes && eldest.hasNext()) {
            bytes -= eldest.next().getValue().bytes();
            eldest.remove();
        }
    }

    void forget(ExecutionId id) {
        var gone = entries.remove(id);
        if (gone != null) {
            bytes -= gone.bytes();
        }
    }

    /** Nothing is known any more: the rows are not as they were written. */
    void forgetAll() {
        entries.clear();
        bytes = 0;
    }

    private static long bytes(ExecutionView view) {
        var header = view.header();
        var sum = HEADER_BYTES + bytes(header.details().metadata()) + bytes(header.output()) + bytes(header.error());
        if (header.details().tags() != null) {
            for (var tag : header.details().tags().entrySet()) {
                sum += 100 + tag.getKey().length() + tag.getValue().length();
            }
        }
        for (var step : view.steps().values()) {
            sum += bytes(step);
        }
        return sum;
    }

    private static long bytes(StepView step) {
        var sum = STEP_BYTES + bytes(step.details().metadata()) + bytes(step.output()) + bytes(step.error());
        for (var attempt : step.attempts()) {
            sum += 200 + bytes(attempt.error());
        }
        return sum;
    }

    private static long bytes(@Nullable Failure failure) {
        return failure == null
                ? 0
                : failure.message().length()
                        + (failure.stackTrace() == null
                                ? 0
                                : failure.stackTrace().length())
                        + bytes(failure.details());
    }

    private static long bytes(@Nullable Json json) {
        return json == null ? 0 : json.text().length();
    }
}
