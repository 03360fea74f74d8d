package dev.runledger.events.execution;

import dev.runledger.events.Json;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * An execution as people see it: the fold of its events that every answer shows.
 *
 * <p>The fold also works on part of an execution: given the header and the rows of the steps that the coming events
 * name, it changes them as it would change the whole. Of the other parts nothing is needed.
 *
 * @param steps at least those that a coming event names
 * @param artifacts in the order of their events; at least those of the events folded here
 * @param checkpoints in the order of their events; at least those of the events folded here
 */
public record ExecutionView(
        ExecutionHeader header,
        PMap<StepView.Key, StepView> steps,
        Series<ArtifactView> artifacts,
        Series<CheckpointView> checkpoints) {

    /** The part of an execution that is enough to fold events which name no other steps than {@code steps}. */
    public static ExecutionView part(ExecutionHeader header, PMap<StepView.Key, StepView> steps) {
        return new ExecutionView(header, steps, Series.empty(), Series.empty());
    }

    /**
     * What further events need of this view once it was written: no inputs, artifacts or checkpoints, and of a step its
     * current attempt alone.
     *
     * @param changed the steps that are not like that yet
     */
    public ExecutionView written(Collection<StepView.Key> changed) {
        var kept = steps;
        for (var key : changed) {
            var step = kept.get(key);
            if (step != null) {
                kept = kept.plus(key, step.written());
            }
        }
        return part(header.written(), kept);
    }

    /** The state of the executor's own that was recorded last; null when none was, or not in this part. */
    public @Nullable Json currentState() {
        return checkpoints.isEmpty() ? null : checkpoints.getLast().content().state();
    }

    /**
     * The view after {@code recorded}; {@code view} is null before an execution's first event. An event that the view
     * holds already changes nothing.
     */
    public static ExecutionView evolve(@Nullable ExecutionView view, RecordedEvent recorded) {
        var before = view == null ? part(ExecutionHeader.before(recorded), HashTreePMap.empty()) : view;
        return recorded.version() <= before.header.version()
                ? before
                : before.with(before.header.at(recorded)).after(recorded);
    }

    private ExecutionView after(RecordedEvent recorded) {
        return switch (recorded.event()) {
            case ExecutionEvent.ExecutionScheduled scheduled -> with(header.scheduled(scheduled.details()));
            case ExecutionEvent.ExecutionStarted started -> with(header.started(started.details(), recorded));
            case ExecutionEvent.ExecutionCompleted completed ->
                with(header.ended(ExecutionStatus.COMPLETED, completed.output(), null, recorded));
            case ExecutionEvent.ExecutionFailed failed ->
                with(header.ended(ExecutionStatus.FAILED, null, failed.error(), recorded));
            case ExecutionEvent.ExecutionCancelled unused ->
                with(header.ended(ExecutionStatus.CANCELLED, null, null, recorded));
            case ExecutionEvent.ExecutionTimedOut unused ->
                with(header.ended(ExecutionStatus.TIMED_OUT, null, null, recorded));
            case ExecutionEvent.ExecutionRetried retried -> with(header.retried(retried, recorded));
            case ExecutionEvent.ExecutionAmended amended -> with(header.amended(amended));
            case ExecutionEvent.OfStep ofStep -> stepChanged(recorded, ofStep);
            case ExecutionEvent.ArtifactRecorded artifact -> artifactRecorded(recorded, artifact);
            case ExecutionEvent.CheckpointRecorded checkpoint -> checkpointRecorded(recorded, checkpoint);
            case ExecutionEvent.ExecutionErased unused -> part(header.erase(), HashTreePMap.empty());
        };
    }

    private ExecutionView with(ExecutionHeader header) {
        return new ExecutionView(header, steps, artifacts, checkpoints);
    }

    private ExecutionView stepChanged(RecordedEvent recorded, ExecutionEvent.OfStep event) {
        var key = new StepView.Key(event.stepId(), event.iteration());
        var before = steps.get(key);
        var step = StepView.evolve(before, recorded, event);
        return new ExecutionView(
                header.stepMoved(before == null ? null : before.status(), step.status(), key.iteration()),
                steps.plus(key, step),
                artifacts,
                checkpoints);
    }

    private ExecutionView artifactRecorded(RecordedEvent recorded, ExecutionEvent.ArtifactRecorded content) {
        var artifact = new ArtifactView(recorded.version(), recorded.position(), recorded.recordedAt(), content);
        return new ExecutionView(header.oneArtifactMore(), steps, artifacts.plus(artifact), checkpoints);
    }

    private ExecutionView checkpointRecorded(RecordedEvent recorded, ExecutionEvent.CheckpointRecorded content) {
        var checkpoint = new CheckpointView(recorded.version(), recorded.position(), recorded.recordedAt(), content);
        return new ExecutionView(header, steps, artifacts, checkpoints.plus(checkpoint));
    }
}
