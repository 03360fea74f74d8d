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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;

/**
 * Folds batches of events into the tables: one select a table for the rows that the events touch and that it does not
 * remember, one insert and one upsert a table for what became of them. Runs in the caller's transaction. Rows that hold
 * an event already ignore it. One thread at a time, and nobody else who writes meanwhile.
 */
final class ReadModelFold {

    private final ReadModelTables tables;
    private final KnownExecutions known;
    private final boolean fromTheStart;
    private final boolean withGaps;

    private ReadModelFold(ReadModelTables tables, KnownExecutions known, boolean fromTheStart, boolean withGaps) {
        this.tables = tables;
        this.known = known;
        this.fromTheStart = fromTheStart;
        this.withGaps = withGaps;
    }

    /** One that remembers nothing between batches, when others may write the rows; while it folds one nobody may. */
    static ReadModelFold forgetful(ReadModelTables tables) {
        return new ReadModelFold(tables, new KnownExecutions(0), false, false);
    }

    /**
     * One for tables that nobody else writes, and that hold nothing of an event which they are given.
     *
     * @param bytes how much to remember between batches
     */
    static ReadModelFold remembering(ReadModelTables tables, long bytes) {
        return new ReadModelFold(tables, new KnownExecutions(bytes), true, false);
    }

    /** As {@link #remembering}, of a part of the log: what came before the part is not known of an execution. */
    static ReadModelFold ofAPart(ReadModelTables tables, long bytes) {
        return new ReadModelFold(tables, new KnownExecutions(bytes), true, true);
    }

    /** What was folded last is not in the tables: the transaction was rolled back. */
    void rolledBack() {
        known.forgetAll();
    }

    /**
     * Folds {@code events}, in the order of the log.
     *
     * @throws PoisonEventException naming the event that cannot be folded
     */
    void apply(List<RecordedEvent> events, Skips skips) {
        var batch = load(events);
        for (var event : events) {
            batch.fold(event, skips, withGaps);
        }
        save(batch);
        batch.executions.forEach((id, execution) -> {
            var view = execution.view;
            if (view == null || view.header().status().ended()) {
                known.forget(id);
            } else {
                known.put(id, new KnownExecutions.Known(view.written(execution.changedSteps), execution.whole));
            }
        });
    }

    private Batch load(List<RecordedEvent> events) {
        var batch = new Batch();
        var unknown = new LinkedHashSet<ExecutionId>();
        for (var recorded : events) {
            var id = recorded.execution();
            if (batch.executions.containsKey(id) || unknown.contains(id)) {
                continue;
            }
            var remembered = known.get(id);
            if (remembered != null) {
                batch.executions.put(
                        id, new Execution(remembered.view().header(), remembered.view(), remembered.whole()));
            } else if (fromTheStart && recorded.version() == 1) {
                batch.executions.put(id, new Execution(null, null, true));
            } else {
                unknown.add(id);
            }
        }
        tables.executions().load(unknown).forEach((id, header) -> {
            var part = ExecutionView.part(header, HashTreePMap.empty());
            batch.executions.put(id, new Execution(header, part, false));
        });
        loadSteps(events, batch);
        return batch;
    }

    private void loadSteps(List<RecordedEvent> events, Batch batch) {
        var keys = new LinkedHashSet<StepProjection.Key>();
        for (var recorded : events) {
            var execution = batch.executions.get(recorded.execution());
            if (execution == null || execution.whole || execution.view == null) {
                continue;
            }
            if (recorded.event() instanceof ExecutionEvent.OfStep ofStep) {
                var key = new StepView.Key(ofStep.stepId(), ofStep.iteration());
                if (!execution.view.steps().containsKey(key)) {
                    keys.add(new StepProjection.Key(recorded.execution(), key));
                }
            }
        }
        for (var row : tables.steps().load(keys)) {
            var execution = Objects.requireNonNull(batch.executions.get(row.execution()));
            var view = Objects.requireNonNull(execution.view);
            execution.view = ExecutionView.part(
                    view.header(), view.steps().plus(row.step().key(), row.step()));
        }
    }

    private void save(Batch batch) {
        var changes = new ArrayList<ExecutionProjection.Change>();
        var stepRows = new ArrayList<StepProjection.Row>();
        var newStepRows = new ArrayList<StepProjection.Row>();
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
            if (view.header().erased()) {
                erased.add(id);
                return;
            }
            for (var key : execution.changedSteps) {
                var step = view.steps().get(key);
                if (step != null) {
                    (execution.newSteps.contains(key) ? newStepRows : stepRows)
                            .add(new StepProjection.Row(id, workflow, step));
                }
            }
            view.artifacts().forEach(artifact -> artifactRows.add(new ArtifactProjection.Row(id, workflow, artifact)));
            view.checkpoints().forEach(checkpoint -> checkpointRows.add(new CheckpointProjection.Row(id, checkpoint)));
        });
        tables.executions().save(changes, batch.ended.values(), batch.begun.values());
        tables.steps().add(newStepRows);
        tables.steps().save(stepRows);
        tables.artifacts().add(artifactRows);
        tables.checkpoints().add(checkpointRows);
        if (!erased.isEmpty()) {
            tables.steps().erase(erased);
            tables.artifacts().erase(erased);
            tables.checkpoints().erase(erased);
        }
    }

    private static final class Batch {

        final Map<ExecutionId, Execution> executions = new LinkedHashMap<>();

        /** States that have a row, by execution and where they begin. */
        final Map<StateKey, ExecutionProjection.State> ended = new LinkedHashMap<>();

        /** States that have none; a later event of the batch may end one. */
        final Map<StateKey, ExecutionProjection.State> begun = new LinkedHashMap<>();

        void fold(RecordedEvent recorded, Skips skips, boolean withGaps) {
            var execution =
                    executions.computeIfAbsent(recorded.execution(), ignored -> new Execution(null, null, false));
            var before = execution.view == null ? null : execution.view.header();
            var known = before == null ? 0 : before.version();
            var steps = execution.view == null ? null : execution.view.steps();
            if (recorded.version() <= known) {
                return;
            }
            if (recorded.version() > known + 1 && !withGaps && !skips.contains(recorded.position())) {
                throw new PoisonEventException(
                        recorded.position(),
                        "is number " + recorded.version() + " of " + recorded.execution()
                                + ", of which the read model holds only " + known);
            }
            try {
                execution.view = ExecutionView.evolve(execution.view, recorded);
            } catch (RuntimeException e) {
                throw new PoisonEventException(
                        recorded.position(), "cannot be folded (" + PassingFailure.told(e) + ")");
            }
            if (recorded.event() instanceof ExecutionEvent.OfStep ofStep) {
                var key = new StepView.Key(ofStep.stepId(), ofStep.iteration());
                execution.changedSteps.add(key);
                if (steps == null || !steps.containsKey(key)) {
                    execution.newSteps.add(key);
                }
            }
            follow(recorded, before, execution.view.header());
        }

        private void follow(RecordedEvent recorded, @Nullable ExecutionHeader before, ExecutionHeader after) {
            if (before != null && before.status() == after.status()) {
                return;
            }
            var id = recorded.execution();
            if (before != null) {
                var state =
                        new ExecutionProjection.State(id, before.status(), before.statusSince(), recorded.position());
                var key = new StateKey(id, before.statusSince());
                (begun.containsKey(key) ? begun : ended).put(key, state);
            }
            begun.put(
                    new StateKey(id, recorded.position()),
                    new ExecutionProjection.State(id, after.status(), recorded.position(), null));
        }
    }

    private record StateKey(ExecutionId execution, long from) {}

    private static final class Execution {

        final @Nullable ExecutionHeader before;

        @Nullable
        ExecutionView view;

        /** Whether it has no other steps than those of the view. */
        final boolean whole;

        final Set<StepView.Key> changedSteps = new LinkedHashSet<>();

        /** Those of them that have no row. */
        final Set<StepView.Key> newSteps = new HashSet<>();

        Execution(@Nullable ExecutionHeader before, @Nullable ExecutionView view, boolean whole) {
            this.before = before;
            this.view = view;
            this.whole = whole;
        }
    }
}
