package dev.runledger.events.execution;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.axonframework.serialization.Revision;

/** The names under which events are stored. A name is for ever: a renamed class keeps it. */
public final class ExecutionEventTypes {

    private static final Map<Class<? extends ExecutionEvent>, String> NAMES = Map.ofEntries(
            entry(ExecutionEvent.ExecutionScheduled.class, "ExecutionScheduled"),
            entry(ExecutionEvent.ExecutionStarted.class, "ExecutionStarted"),
            entry(ExecutionEvent.ExecutionCompleted.class, "ExecutionCompleted"),
            entry(ExecutionEvent.ExecutionFailed.class, "ExecutionFailed"),
            entry(ExecutionEvent.ExecutionCancelled.class, "ExecutionCancelled"),
            entry(ExecutionEvent.ExecutionTimedOut.class, "ExecutionTimedOut"),
            entry(ExecutionEvent.ExecutionRetried.class, "ExecutionRetried"),
            entry(ExecutionEvent.ExecutionAmended.class, "ExecutionAmended"),
            entry(ExecutionEvent.StepScheduled.class, "StepScheduled"),
            entry(ExecutionEvent.StepStarted.class, "StepStarted"),
            entry(ExecutionEvent.StepCompleted.class, "StepCompleted"),
            entry(ExecutionEvent.StepFailed.class, "StepFailed"),
            entry(ExecutionEvent.StepReopened.class, "StepReopened"),
            entry(ExecutionEvent.StepSkipped.class, "StepSkipped"),
            entry(ExecutionEvent.StepCancelled.class, "StepCancelled"),
            entry(ExecutionEvent.StepTimedOut.class, "StepTimedOut"),
            entry(ExecutionEvent.ArtifactRecorded.class, "ArtifactRecorded"),
            entry(ExecutionEvent.CheckpointRecorded.class, "CheckpointRecorded"),
            entry(ExecutionEvent.ExecutionErased.class, "ExecutionErased"));

    private static final Map<String, Class<? extends ExecutionEvent>> CLASSES =
            NAMES.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    private static final Set<String> ERASING = Set.of("ExecutionErased");

    private ExecutionEventTypes() {}

    /** The stored name of every kind of event. */
    public static Map<Class<? extends ExecutionEvent>, String> names() {
        return NAMES;
    }

    /** The stored names of the kinds of event that erase everything before them in their execution. */
    public static Set<String> erasing() {
        return ERASING;
    }

    /** The revision that a kind of event is stored with, from 1. */
    public static int revisionOf(Class<? extends ExecutionEvent> type) {
        return Integer.parseInt(type.getAnnotation(Revision.class).value());
    }

    /**
     * The kind of event stored under {@code name}.
     *
     * @throws IllegalArgumentException when no event has that name
     */
    public static Class<? extends ExecutionEvent> classOf(String name) {
        var type = CLASSES.get(name);
        if (type == null) {
            throw new IllegalArgumentException("no event is stored under the name " + name);
        }
        return type;
    }
}
