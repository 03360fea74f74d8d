package dev.runledger.query.projection;

import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionHeader;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.artifact.ArtifactProjection;
import dev.runledger.query.checkpoint.CheckpointProjection;
import dev.runledger.query.execution.ExecutionProjection;
import dev.runledger.query.step.StepProjection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.springframework.stereotype.Component;

/**
 * Folds batches of events into the tables: one select a table for the rows that the events touch, one upsert a table
 * for what became of them. Runs in the caller's transaction. Rows that hold an event already ignore it.
 */
@Component
class ReadModelProjection {

    private final ExecutionProjection executions;
    private final StepProjection steps;
    private final ArtifactProjection artifacts;
    private final CheckpointProjection checkpoints;

    ReadModelProjection(
            ExecutionProjection executions,
            StepProjection steps,
            ArtifactProjection artifacts,
            CheckpointProjection checkpoints) {
        this.executions = executions;
        this.steps = steps;
        this.artifacts = artifacts;
        this.checkpoints = checkpoints;
    }

    /**
     * Folds {@code events}, in the order of the log.
     *
     * @throws PoisonEventException naming the event that cannot be folded
     */
    void apply(List<RecordedEvent> events) {
        var batch = load(events);
        for (var event : events) {
            batch.fold(event);
        }
        save(batch);
    }

    private Batch load(List<RecordedEvent> events) {
        var ids = new LinkedHashSet<ExecutionId>();
        var keys = new LinkedHashSet<StepProjection.Key>();
        for (var recorded : events) {
            ids.add(recorded.execution());
            if (recorded.event() instanceof ExecutionEvent.OfStep ofStep) {
                keys.add(new StepProjection.Key(
                        recorded.execution(), new StepView.Key(ofStep.stepId(), ofStep.iteration())));
            }
        }
        var headers = executions.load(ids);
        var rows = new HashMap<ExecutionId, PMap<StepView.Key, StepView>>();
        for (var row : steps.load(keys)) {
            rows.merge(
                    row.execution(),
                    HashTreePMap.singleton(row.step().key(), row.step()),
                    (known, more) -> known.plusAll(more));
        }
        var batch = new Batch();
        headers.forEach((id, header) -> {
            var part = ExecutionView.part(header, rows.getOrDefault(id, HashTreePMap.empty()));
            batch.executions.put(id, new Execution(header, part));
        });
        return batch;
    }

    private void save(Batch batch) {
        var changes = new ArrayList<ExecutionProjection.Change>();
        var stepRows = new ArrayList<StepProjection.Row>();
        var artifactRows = new ArrayList<ArtifactProjection.Row>();
        var checkpointRows = new ArrayList<CheckpointProjection.Row>();
        var erased = new ArrayList<ExecutionId>();
        batch.executions.forEach((id, execution) -> {
            var view = execution.view;
            if (view == null
                    || execution.before != null
                            && execution.before.version() == view.header().version()) {
                return;
            }
            var workflow = view.header().details().workflow();
            changes.add(new ExecutionProjection.Change(execution.before, view.header()));
            for (var key : execution.changedSteps) {
                var step = view.steps().get(key);
                if (step != null) {
                    stepRows.add(new StepProjection.Row(id, workflow, step));
                }
            }
            view.artifacts().forEach(artifact -> artifactRows.add(new ArtifactProjection.Row(id, workflow, artifact)));
            view.checkpoints().forEach(checkpoint -> checkpointRows.add(new CheckpointProjection.Row(id, checkpoint)));
            if (view.header().erased()) {
                erased.add(id);
            }
        });
        executions.save(changes, batch.states.values());
        steps.save(stepRows);
        artifacts.add(artifactRows);
        checkpoints.add(checkpointRows);
        if (!erased.isEmpty()) {
            steps.erase(erased);
            artifacts.erase(erased);
            checkpoints.erase(erased);
        }
    }

    private static final class Batch {

        final Map<ExecutionId, Execution> executions = new LinkedHashMap<>();

        /** By execution and where they begin, since a later event of the batch may end one. */
        final Map<StateKey, ExecutionProjection.State> states = new LinkedHashMap<>();

        void fold(RecordedEvent recorded) {
            var execution = executions.computeIfAbsent(recorded.execution(), ignored -> new Execution(null, null));
            var before = execution.view == null ? null : execution.view.header();
            var known = before == null ? 0 : before.version();
            if (recorded.version() <= known) {
                return;
            }
            if (recorded.version() > known + 1) {
                throw new PoisonEventException(
                        recorded.position(),
                        "is number " + recorded.version() + " of " + recorded.execution()
                                + ", of which the read model holds only " + known);
            }
            try {
                execution.view = ExecutionView.evolve(execution.view, recorded);
            } catch (RuntimeException e) {
                throw new PoisonEventException(recorded.position(), "cannot be folded (" + e.getClass().getSimpleName() + ")", e);
            }
            if (recorded.event() instanceof ExecutionEvent.OfStep ofStep) {
                execution.changedSteps.add(new StepView.Key(ofStep.stepId(), ofStep.iteration()));
            }
            follow(recorded, before, execution.view.header());
        }

        private void follow(RecordedEvent recorded, @Nullable ExecutionHeader before, ExecutionHeader after) {
            if (before != null && before.status() == after.status()) {
                return;
            }
            var id = recorded.execution();
            if (before != null) {
                var ended =
                        new ExecutionProjection.State(id, before.status(), before.statusSince(), recorded.position());
                states.put(new StateKey(id, ended.from()), ended);
            }
            var begun = new ExecutionProjection.State(id, after.status(), recorded.position(), null);
            states.put(new StateKey(id, begun.from()), begun);
        }
    }

    private record StateKey(ExecutionId execution, long from) {}

    private static final class Execution {

        final @Nullable ExecutionHeader before;

        @Nullable
        ExecutionView view;

        final Set<StepView.Key> changedSteps = new LinkedHashSet<>();

        Execution(@Nullable ExecutionHeader before, @Nullable ExecutionView view) {
            this.before = before;
            this.view = view;
        }
    }
}
