package dev.runledger.query;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionAmended;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCancelled;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Executions whose events come in any order that a log may hold, interleaved; the seed decides. */
final class RandomLives {

    private static final Instant T = Instant.parse("2026-01-01T00:00:00.123456Z");

    private final Random random;
    private final List<ExecutionId> alive = new ArrayList<>();
    private final Map<ExecutionId, Integer> attempts = new HashMap<>();
    private final Set<String> scheduled = new HashSet<>();

    RandomLives(int seed) {
        random = new Random(seed);
    }

    /** Appends whole lives of {@code executions} further executions; answers their ids. */
    List<ExecutionId> live(ReadSide readSide, int executions) {
        var ids = new ArrayList<ExecutionId>();
        for (var i = 0; i < executions; i++) {
            var id = new ExecutionId(
                    random.nextInt(10) == 0 ? "other" : "default", new UUID(random.nextLong(), random.nextLong()));
            ids.add(id);
            alive.add(id);
            readSide.append(id, at(), begin());
            for (var more = random.nextInt(3); more >= 0; more--) {
                step(readSide);
            }
        }
        return ids;
    }

    private void step(ReadSide readSide) {
        var at = random.nextInt(alive.size());
        var id = alive.get(at);
        var events = new ArrayList<ExecutionEvent>();
        for (var count = 1 + random.nextInt(6); count > 0; count--) {
            events.add(any(id));
        }
        if (random.nextInt(40) == 0) {
            events.add(new ExecutionErased(null));
            alive.remove(at);
        } else if (random.nextInt(8) == 0) {
            alive.remove(at);
        }
        if (alive.isEmpty()) {
            alive.add(id(random.nextLong()));
            readSide.append(alive.getFirst(), at(), begin());
        }
        readSide.append(id, at(), events.toArray(ExecutionEvent[]::new));
    }

    private static ExecutionId id(long number) {
        return new ExecutionId("default", new UUID(number, 1));
    }

    private ExecutionEvent begin() {
        var details = new ExecutionDetails(
                "w" + random.nextInt(5),
                maybe(random.nextInt(3)),
                maybe("type"),
                maybe("agent" + random.nextInt(3)),
                maybe("customer"),
                null,
                maybe(new UUID(7, random.nextInt(50))),
                null,
                maybe(Map.of("k", "v" + random.nextInt(3), "ü", "\\\"x")),
                maybe(json()),
                maybe(json()),
                null,
                maybe(5_000L));
        return random.nextBoolean()
                ? new ExecutionStarted(details, null)
                : new ExecutionScheduled(details, List.of("a"));
    }

    private ExecutionEvent any(ExecutionId id) {
        var step = "s" + random.nextInt(4) + (random.nextInt(10) == 0 ? "/%\u00e9" : "");
        var iteration = 1 + random.nextInt(2);
        var attempt = attempts.merge(id, 1, Integer::sum);
        return switch (random.nextInt(18)) {
            case 0 -> new ExecutionStarted(ExecutionDetails.NONE, null);
            case 1 -> new ExecutionCompleted(maybe(json()));
            case 2 -> new ExecutionFailed(failure());
            case 3 -> new ExecutionCancelled(null);
            case 4 -> new ExecutionTimedOut(null);
            case 5 -> new ExecutionRetried(attempt, null, null, maybe(9_000L), null);
            case 6 -> new ExecutionAmended(amended(), maybe(Json.of("{\"a\":null,\"b\":{\"c\":" + json() + "}}")));
            // The second time it would say nothing else.
            case 7, 8 ->
                scheduled.add(id + step + iteration)
                        ? new StepScheduled(step, iteration, details())
                        : new StepReopened(step, iteration);
            case 9, 10 -> {
                scheduled.add(id + step + iteration);
                yield new StepStarted(step, iteration, attempt, maybe("agent"), details());
            }
            case 11 -> new StepCompleted(step, iteration, attempt, maybe(json()));
            case 12 -> new StepFailed(step, iteration, attempt, failure(), null, random.nextBoolean(), maybe(at()));
            case 13 -> new StepReopened(step, iteration);
            case 14 -> new StepSkipped(step, iteration, null);
            case 15 ->
                random.nextBoolean()
                        ? new StepCancelled(step, iteration, null)
                        : new StepTimedOut(step, iteration, null);
            case 16 ->
                new ArtifactRecorded(
                        "f" + attempt, maybe(step), null, "t", "n", null, "/x", maybe(7L), null, null, maybe(json()));
            default -> new CheckpointRecorded("c" + attempt, null, null, json());
        };
    }

    private @Nullable Map<String, @Nullable String> amended() {
        var tags = new HashMap<String, @Nullable String>();
        tags.put("k", random.nextBoolean() ? "changed" : null);
        tags.put("more", maybe("x"));
        return maybe(tags);
    }

    private StepDetails details() {
        return new StepDetails(
                maybe("Name"),
                maybe("task"),
                maybe(random.nextInt(9)),
                maybe(List.of("a", "b")),
                maybe(2),
                null,
                null,
                maybe(json()),
                maybe(json()));
    }

    private Failure failure() {
        return new Failure(
                "no " + random.nextInt(9), random.nextBoolean() ? "IO" : "Error", maybe("at x\n\tat y"), maybe(json()));
    }

    /** Every digit and blank of it counts. */
    private Json json() {
        return Json.of(List.of("{}", "1.10", "{ \"n\" : 1.0,\"n2\":[true, null]}", "\"\\u00fc\\n\"")
                .get(random.nextInt(4)));
    }

    private Instant at() {
        return T.plusMillis(random.nextInt(1_000_000));
    }

    private <T> @Nullable T maybe(T value) {
        return random.nextBoolean() ? value : null;
    }
}
