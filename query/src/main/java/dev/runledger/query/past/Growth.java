package dev.runledger.query.past;

import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.StepView;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of memory a view takes beyond another that it was folded from, and that is kept as well. What events
 * replaced is not counted, unless the other view has it.
 */
final class Growth {

    private final @Nullable ExecutionView base;
    private long bytes = Weight.PART;

    /** @param base null where nothing is kept beside the view */
    Growth(@Nullable ExecutionView base) {
        this.base = base;
    }

    long bytes() {
        return bytes;
    }

    /** How many bytes the artifact or checkpoint takes that {@code event} records; 0 for any other event. */
    static long ofNewPart(ExecutionEvent event) {
        return switch (event) {
            case ExecutionEvent.ArtifactRecorded artifact -> Weight.of(artifact);
            case ExecutionEvent.CheckpointRecorded checkpoint -> Weight.of(checkpoint);
            case ExecutionEvent unused -> 0;
        };
    }

    /**
     * Counts what {@code event} changed; {@code before} is null before the first event.
     *
     * @param newPart as {@link #ofNewPart} tells
     */
    void count(@Nullable ExecutionView before, ExecutionView after, ExecutionEvent event, long newPart) {
        bytes += newPart;
        header(before, after);
        switch (event) {
            case ExecutionEvent.OfStep ofStep -> {
                var key = new StepView.Key(ofStep.stepId(), ofStep.iteration());
                step(
                        base == null ? null : base.steps().get(key),
                        before == null ? null : before.steps().get(key),
                        Objects.requireNonNull(after.steps().get(key)));
            }
            case ExecutionEvent unused -> {}
        }
    }

    private void header(@Nullable ExecutionView before, ExecutionView after) {
        var shared = base == null ? null : base.header();
        var one = before == null ? null : before.header();
        var other = after.header();
        moved(shared == null ? null : shared.output(), one == null ? null : one.output(), other.output());
        moved(shared == null ? null : shared.error(), one == null ? null : one.error(), other.error());
        var said = other.details();
        var earlier = one == null ? null : one.details();
        if (said != earlier) {
            var kept = shared == null ? null : shared.details();
            moved(kept == null ? null : kept.tags(), earlier == null ? null : earlier.tags(), said.tags());
            moved(kept == null ? null : kept.metadata(), earlier == null ? null : earlier.metadata(), said.metadata());
            moved(kept == null ? null : kept.input(), earlier == null ? null : earlier.input(), said.input());
        }
    }

    private void step(@Nullable StepView shared, @Nullable StepView before, StepView after) {
        if (same(shared, before)) {
            bytes += Weight.PART;
        }
        moved(shared == null ? null : shared.output(), before == null ? null : before.output(), after.output());
        moved(ownError(shared), ownError(before), ownError(after));
        moved(last(shared), last(before), last(after));
        if (before != null && after.attempts().size() > before.attempts().size() && !same(last(shared), last(before))) {
            // It was not replaced: another came behind it.
            bytes += Weight.of(last(before));
        }
        var said = after.details();
        var earlier = before == null ? null : before.details();
        if (said != earlier) {
            var kept = shared == null ? null : shared.details();
            moved(kept == null ? null : kept.name(), earlier == null ? null : earlier.name(), said.name());
            moved(kept == null ? null : kept.type(), earlier == null ? null : earlier.type(), said.type());
            moved(
                    kept == null ? null : kept.dependsOn(),
                    earlier == null ? null : earlier.dependsOn(),
                    said.dependsOn());
            moved(kept == null ? null : kept.input(), earlier == null ? null : earlier.input(), said.input());
            moved(kept == null ? null : kept.metadata(), earlier == null ? null : earlier.metadata(), said.metadata());
        }
    }

    private static @Nullable AttemptView last(@Nullable StepView step) {
        return step == null || step.attempts().isEmpty()
                ? null
                : step.attempts().getLast();
    }

    /** An error that no attempt holds. */
    private static @Nullable Object ownError(@Nullable StepView step) {
        var attempt = last(step);
        return step == null || attempt != null && same(attempt.error(), step.error()) ? null : step.error();
    }

    private void moved(@Nullable Object shared, @Nullable Object before, @Nullable Object after) {
        if (!same(before, after)) {
            bytes += (same(after, shared) ? 0 : Weight.of(after)) - (same(before, shared) ? 0 : Weight.of(before));
        }
    }

    /** Whether both take the same place in memory. */
    private static boolean same(@Nullable Object one, @Nullable Object other) {
        return one == other;
    }
}
