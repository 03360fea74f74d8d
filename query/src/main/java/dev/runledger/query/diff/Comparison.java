package dev.runledger.query.diff;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.AsOf;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.past.Past;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Two executions side by side, step by step: the {@code one} that was asked for and the {@code other} that it is compared
 * with.
 *
 * @param steps all steps of both, in the order of the first one's list, then those of the other alone
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Comparison(
        Side one,
        Side other,
        boolean outputChanged,
        @Nullable Long durationDeltaMs,
        List<StepComparison> steps) {

    /** One of the two executions. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Side(
            UUID executionId,
            @Nullable String workflow,
            @Nullable Integer workflowVersion,
            String status,
            int attempts,
            @Nullable Long durationMs,
            AsOf asOf) {

        static Side of(Past past) {
            var header = past.view().header();
            return new Side(
                    header.id().id(),
                    header.details().workflow(),
                    header.details().workflowVersion(),
                    header.status().name(),
                    header.attempt(),
                    header.span().durationMs(),
                    past.asOf());
        }
    }

    /**
     * One iteration of a step, in both.
     *
     * @param one null where only the other has it
     * @param other null where only the one has it
     * @param changed whether the two differ in status, attempts or output, or only one of them is there
     * @param outputChanged whether both are there and their outputs mean something else
     * @param durationDeltaMs the other's duration less the one's; null unless both have ended
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record StepComparison(
            String stepId,
            int iteration,
            @Nullable StepSide one,
            @Nullable StepSide other,
            boolean changed,
            boolean outputChanged,
            @Nullable Long durationDeltaMs) {}

    /** A step in one of the two. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record StepSide(String status, int attempts, @Nullable Long durationMs) {

        static @Nullable StepSide of(@Nullable StepView step) {
            return step == null
                    ? null
                    : new StepSide(
                            step.status().name(), step.attempt(), step.span().durationMs());
        }
    }

    private static final int MOST_STEPS = 1_000;

    /** @throws QueryProblem when one of them has more than a thousand steps */
    static Comparison of(Past one, Past other) {
        var left = one.view();
        var right = other.view();
        var steps = new ArrayList<StepComparison>();
        for (var step : ordered(left)) {
            steps.add(compared(step.key(), step, right.steps().get(step.key())));
        }
        for (var step : ordered(right)) {
            if (!left.steps().containsKey(step.key())) {
                steps.add(compared(step.key(), null, step));
            }
        }
        return new Comparison(
                Side.of(one),
                Side.of(other),
                differ(left.header().output(), right.header().output()),
                delta(left.header().span().durationMs(), right.header().span().durationMs()),
                steps);
    }

    private static List<StepView> ordered(ExecutionView view) {
        if (view.steps().size() > MOST_STEPS) {
            throw QueryProblem.tooLarge("The execution " + view.header().id().id() + " has "
                    + view.steps().size() + " steps; executions of up to 1,000 can be compared.");
        }
        return view.steps().values().stream()
                .sorted(Comparator.<StepView>comparingInt(step -> step.details().order() == null
                                ? Integer.MAX_VALUE
                                : step.details().order())
                        .thenComparingLong(StepView::firstVersion))
                .toList();
    }

    private static StepComparison compared(StepView.Key key, @Nullable StepView one, @Nullable StepView other) {
        if (one == null || other == null) {
            return new StepComparison(
                    key.stepId(), key.iteration(), StepSide.of(one), StepSide.of(other), true, false, null);
        }
        var outputChanged = differ(one.output(), other.output());
        return new StepComparison(
                key.stepId(),
                key.iteration(),
                StepSide.of(one),
                StepSide.of(other),
                outputChanged || one.status() != other.status() || one.attempt() != other.attempt(),
                outputChanged,
                delta(one.span().durationMs(), other.span().durationMs()));
    }

    private static boolean differ(@Nullable Json one, @Nullable Json other) {
        return one == null || other == null ? one != other : one.contentHash() != other.contentHash();
    }

    private static @Nullable Long delta(@Nullable Long one, @Nullable Long other) {
        return one == null || other == null ? null : other - one;
    }

    /** For people: a line about the executions, then one about each step that differs. */
    String text() {
        var text = new StringBuilder("%s beside %s\n".formatted(one.executionId(), other.executionId()));
        var changes = new ArrayList<String>();
        moved(changes, "", one.status(), other.status());
        moved(changes, "attempts ", one.attempts(), other.attempts());
        delta(changes, durationDeltaMs);
        if (outputChanged) {
            changes.add("output changed");
        }
        text.append("execution: ")
                .append(changes.isEmpty() ? "the same" : String.join(", ", changes))
                .append('\n');
        steps.forEach(step -> text.append(text(step)));
        return text.toString();
    }

    private static String text(StepComparison step) {
        var changes = new ArrayList<String>();
        var one = step.one();
        var other = step.other();
        if (one == null || other == null) {
            var there = one == null ? other : one;
            changes.add((one == null ? "only in the other" : "only in the one")
                    + (there == null ? "" : ", " + there.status()));
        } else {
            moved(changes, "", one.status(), other.status());
            moved(changes, "attempts ", one.attempts(), other.attempts());
            delta(changes, step.durationDeltaMs());
            if (step.outputChanged()) {
                changes.add("output changed");
            }
        }
        return changes.isEmpty()
                ? ""
                : "step %s (iteration %d): %s\n"
                        .formatted(PlainText.of(step.stepId()), step.iteration(), String.join(", ", changes));
    }

    private static void moved(List<String> changes, String what, Object one, Object other) {
        if (!one.equals(other)) {
            changes.add(what + one + " | " + other);
        }
    }

    private static void delta(List<String> changes, @Nullable Long millis) {
        if (millis != null && millis != 0) {
            changes.add("duration " + (millis < 0 ? "-" : "+") + PlainText.ofDuration(Math.abs(millis)));
        }
    }
}
