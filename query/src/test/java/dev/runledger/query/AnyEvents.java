package dev.runledger.query;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCancelled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionFailed;
import dev.runledger.events.execution.ExecutionEvent.ExecutionRetried;
import dev.runledger.events.execution.ExecutionEvent.ExecutionScheduled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionTimedOut;
import dev.runledger.events.execution.ExecutionEvent.StepCancelled;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepReopened;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepSkipped;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionEvent.StepTimedOut;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.query.ReadSide.Said;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Any histories: an execution is scheduled or started, then anything happens to few steps with awkward names, also much
 * that no command would allow. Every kind of value that an answer may have comes up.
 */
final class AnyEvents {

    private static final String[] STEPS = {"a", "b/~ü ", "~1"};

    private final Random random;
    private final Map<ExecutionId, Integer> executionAttempts = new HashMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Set<String> known = new HashSet<>();

    AnyEvents(long seed) {
        random = new Random(seed);
    }

    UUID id() {
        return new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() >>> 2 | 0x8000000000000000L);
    }

    /** The first event of an execution, whose parent may be any of {@code known}. */
    Said first(ExecutionId id, List<ExecutionId> known) {
        var parent = known.isEmpty() || random.nextInt(3) > 0
                ? null
                : known.get(random.nextInt(known.size())).id();
        var details = new ExecutionDetails(
                pick("w", "etl/ü"),
                maybe(random.nextInt(9)),
                maybe("cost_analysis"),
                maybe("agent"),
                maybe("customer"),
                maybe("key"),
                parent,
                parent == null ? null : maybe("a"),
                maybe(Map.of("env", "prod", "a", "")),
                maybe(json()),
                maybe(json()),
                maybe(time()),
                null);
        return new Said(
                id,
                time(),
                random.nextBoolean()
                        ? new ExecutionStarted(details, null)
                        : new ExecutionScheduled(details, List.of("a")));
    }

    /** Any event but a first or last one. */
    Said next(ExecutionId id) {
        return new Said(id, time(), event(id));
    }

    private ExecutionEvent event(ExecutionId id) {
        var step = STEPS[random.nextInt(STEPS.length)];
        var iteration = 1 + random.nextInt(2);
        var key = id + step + iteration;
        var attempt = attempts.getOrDefault(key, 0);
        var kind = random.nextInt(22);
        if (kind >= 10 && kind <= 18) {
            known.add(key);
        }
        return switch (kind) {
            case 0 -> new ExecutionStarted(ExecutionDetails.NONE, null);
            case 1 -> new ExecutionCompleted(maybe(json()));
            case 2 -> new ExecutionFailed(failure());
            case 3 -> new ExecutionCancelled("because");
            case 4 -> new ExecutionTimedOut(null);
            case 5 ->
                new ExecutionRetried(
                        executionAttempts.merge(id, 1, Integer::sum) + 1, null, maybe(time()), maybe(5_000L), null);
            case 6, 7 -> new ExecutionAmended(tags(), maybe(Json.of("{\"n\":{\"m\":1.50},\"k\":null}")));
            // One that is there is never scheduled again.
            case 8, 9 ->
                known.add(key) ? new StepScheduled(step, iteration, details()) : new StepSkipped(step, iteration, null);
            case 10, 11, 12 -> {
                attempts.put(key, attempt + 1);
                yield new StepStarted(step, iteration, attempt + 1, maybe("agent-2"), details());
            }
            case 13, 14 -> new StepCompleted(step, iteration, attempt, maybe(json()));
            case 15, 16 ->
                new StepFailed(step, iteration, attempt, failure(), null, random.nextBoolean(), maybe(time()));
            case 17 -> new StepReopened(step, iteration);
            case 18 ->
                random.nextBoolean()
                        ? new StepSkipped(step, iteration, null)
                        : random.nextBoolean()
                                ? new StepCancelled(step, iteration, "no")
                                : new StepTimedOut(step, iteration, null);
            case 19 ->
                new ArtifactRecorded(
                        "f" + random.nextInt(1_000_000),
                        step,
                        iteration,
                        "report",
                        pick("costs.pdf", "ü\"\\"),
                        maybe("s3://b"),
                        null,
                        maybe(52_144L),
                        maybe("application/pdf"),
                        null,
                        maybe(json()));
            case 20 ->
                new ArtifactRecorded(
                        "g" + random.nextInt(1_000_000), null, null, "t", "n", null, "/p", null, null, null, null);
            default -> new CheckpointRecorded("c" + random.nextInt(1_000_000), null, null, json());
        };
    }

    private StepDetails details() {
        return new StepDetails(
                maybe("Analyze"),
                maybe("task"),
                maybe(random.nextInt(4)),
                maybe(List.of("x\"", "y")),
                maybe(random.nextInt(4)),
                null,
                null,
                maybe(json()),
                maybe(Json.of("{\"s\":1}")));
    }

    private Map<String, @Nullable String> tags() {
        var tags = new TreeMap<String, @Nullable String>();
        tags.put("env", pick("prod", "test"));
        tags.put("b/~", maybe("1"));
        return tags;
    }

    private Failure failure() {
        return new Failure("disk \"full\"\n", "IO", maybe("at x"), maybe(json()));
    }

    private Json json() {
        return Json.of(pick(
                "{\"k\":1.50}", "[1,{\"a\":[]},null]", "\"ü\\n\"", "{\"a/b\":{\"~c\":12345678901234567890}}", "0"));
    }

    private Instant time() {
        return Instant.parse("2026-01-01T00:00:00Z").plusNanos(random.nextLong(100_000_000L) * 1_000);
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private <T> @Nullable T maybe(T value) {
        return random.nextInt(3) == 0 ? null : value;
    }
}
