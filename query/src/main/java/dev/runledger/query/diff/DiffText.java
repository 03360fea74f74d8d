package dev.runledger.query.diff;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.CheckpointView;
import dev.runledger.events.execution.ExecutionHeader;
import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.Span;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.AsOf;
import dev.runledger.query.past.Past;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What changed between two pasts of an execution, for people: a line about the execution, then one about each part that
 * changed, in the order of the last events that changed them.
 */
final class DiffText {

    /** More lines than this are nothing to read. */
    private static final int MOST_LINES = 10_000;

    private record Line(long version, String text) {}

    /** The first ones by their versions: the last of them on top, to make room for one that comes before it. */
    private final PriorityQueue<Line> lines =
            new PriorityQueue<>(Comparator.comparingLong(Line::version).reversed());

    private int more;

    private DiffText() {}

    /** Of more than ten thousand parts that changed, the first are told of. */
    static String of(Past from, Past to) {
        var before = from.view();
        var after = to.view();
        var diff = new DiffText();
        diff.steps(before, after);
        diff.recorded(before.artifacts(), after.artifacts(), ArtifactView::version, DiffText::artifact);
        diff.recorded(before.checkpoints(), after.checkpoints(), CheckpointView::version, DiffText::checkpoint);
        var text = new StringBuilder("from %s to %s\n".formatted(text(from.asOf()), text(to.asOf())));
        var ofExecution = execution(before.header(), after.header());
        if (!ofExecution.isEmpty()) {
            text.append("execution: ").append(String.join(", ", ofExecution)).append('\n');
        }
        diff.lines.stream()
                .sorted(Comparator.comparingLong(Line::version))
                .forEach(line -> text.append(line.text()).append('\n'));
        if (diff.more > 0) {
            text.append("and ").append(diff.more).append(" more\n");
        }
        return text.toString();
    }

    private static String text(AsOf asOf) {
        return "version " + asOf.version() + " (" + asOf.recordedAt() + ")";
    }

    private void add(long version, String text) {
        lines.add(new Line(version, text));
        if (lines.size() > MOST_LINES) {
            lines.remove();
            more++;
        }
    }

    private void steps(ExecutionView before, ExecutionView after) {
        for (var step : after.steps().values()) {
            var changes = step(before.steps().get(step.key()), step);
            if (!changes.isEmpty()) {
                add(step.version(), name(step.key()) + ": " + String.join(", ", changes));
            }
        }
        for (var step : before.steps().values()) {
            if (!after.steps().containsKey(step.key())) {
                add(step.version(), name(step.key()) + ": gone");
            }
        }
    }

    /** What is recorded never changes: it comes, or is gone where the diff goes back in time. */
    private <T> void recorded(
            Collection<T> before, Collection<T> after, Function<T, Long> version, Function<T, String> text) {
        var known = before.stream().map(version).collect(Collectors.toCollection(HashSet::new));
        var present = after.stream().map(version).collect(Collectors.toCollection(HashSet::new));
        after.stream()
                .filter(one -> !known.contains(version.apply(one)))
                .forEach(one -> add(version.apply(one), text.apply(one)));
        before.stream()
                .filter(one -> !present.contains(version.apply(one)))
                .forEach(one -> add(version.apply(one), text.apply(one) + ": gone"));
    }

    private static List<String> execution(ExecutionHeader before, ExecutionHeader after) {
        var changes = new ArrayList<String>();
        moved(changes, "", before.status(), after.status());
        moved(changes, "attempt ", before.attempt(), after.attempt());
        span(changes, before.span(), after.span());
        json(changes, "output", before.output(), after.output());
        failure(changes, before.error(), after.error());
        tags(changes, before.details().tags(), after.details().tags());
        json(changes, "metadata", before.details().metadata(), after.details().metadata());
        moved(
                changes,
                "deadline ",
                EventJson.formatted(before.details().deadlineAt()),
                EventJson.formatted(after.details().deadlineAt()));
        return changes;
    }

    private static List<String> step(@Nullable StepView before, StepView after) {
        var changes = new ArrayList<String>();
        if (before == null) {
            changes.add("new, " + after.status());
            if (after.attempt() > 0) {
                changes.add("attempt " + after.attempt());
            }
        } else {
            moved(changes, "", before.status(), after.status());
            moved(changes, "attempt ", before.attempt(), after.attempt());
        }
        span(changes, before == null ? Span.NONE : before.span(), after.span());
        moved(changes, "agent ", before == null ? null : before.agentId(), after.agentId());
        json(changes, "output", before == null ? null : before.output(), after.output());
        failure(changes, before == null ? null : before.error(), after.error());
        moved(
                changes,
                "next retry ",
                before == null ? null : EventJson.formatted(before.nextRetryAt()),
                EventJson.formatted(after.nextRetryAt()));
        if (before != null && !before.details().equals(after.details())) {
            changes.add("described anew");
        }
        return changes;
    }

    private static String artifact(ArtifactView artifact) {
        var content = artifact.content();
        var text = new StringBuilder("artifact ")
                .append(PlainText.of(content.name()))
                .append(" (")
                .append(PlainText.of(content.type()))
                .append(')');
        var where = content.uri() == null ? content.path() : content.uri();
        if (where != null) {
            text.append(" at ").append(PlainText.of(where));
        }
        if (content.sizeBytes() != null) {
            text.append(", ").append(content.sizeBytes()).append(" bytes");
        }
        if (content.stepId() != null && content.iteration() != null) {
            text.append(", of ").append(name(new StepView.Key(content.stepId(), content.iteration())));
        }
        return text.toString();
    }

    private static String checkpoint(CheckpointView checkpoint) {
        return "checkpoint " + PlainText.of(checkpoint.content().checkpointId()) + " "
                + PlainText.of(checkpoint.content().state().text());
    }

    private static String name(StepView.Key key) {
        return "step " + PlainText.of(key.stepId()) + " (iteration " + key.iteration() + ")";
    }

    private static void moved(List<String> changes, String what, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            changes.add(what + shown(before) + " -> " + shown(after));
        }
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "none" : PlainText.of(value.toString());
    }

    private static void span(List<String> changes, Span before, Span after) {
        if (before.startedAt() != null) {
            moved(
                    changes,
                    "started at ",
                    EventJson.formatted(before.startedAt()),
                    EventJson.formatted(after.startedAt()));
        }
        var took = after.durationMs();
        if (took != null && !took.equals(before.durationMs())) {
            changes.add("duration " + PlainText.ofDuration(took));
        }
        if (before.clockSkew() != after.clockSkew()) {
            changes.add(after.clockSkew() ? "its clocks disagree" : "its clocks agree again");
        }
    }

    private static void json(List<String> changes, String what, @Nullable Json before, @Nullable Json after) {
        if (after == null) {
            if (before != null) {
                changes.add(what + " removed");
            }
        } else if (before == null) {
            changes.add(what + " added " + PlainText.of(after.text()));
        } else if (before.contentHash() != after.contentHash()) {
            changes.add(what + " changed to " + PlainText.of(after.text()));
        }
    }

    private static void failure(List<String> changes, @Nullable Failure before, @Nullable Failure after) {
        if (after == null && before != null) {
            changes.add("error removed");
        } else if (after != null && !after.equals(before)) {
            changes.add("error " + PlainText.of(after.type() + ": " + after.message()));
        }
    }

    private static void tags(
            List<String> changes, @Nullable Map<String, String> before, @Nullable Map<String, String> after) {
        var known = Objects.requireNonNullElse(before, Map.<String, String>of());
        var present = Objects.requireNonNullElse(after, Map.<String, String>of());
        var names = new TreeSet<>(known.keySet());
        names.addAll(present.keySet());
        for (var name : names) {
            moved(changes, "tag " + PlainText.of(name) + " ", known.get(name), present.get(name));
        }
    }
}
