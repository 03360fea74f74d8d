package dev.runledger.events.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.Json;
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
import dev.runledger.events.execution.ExecutionEvent.OfStep;
import dev.runledger.events.execution.ExecutionEvent.StepCancelled;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionEvent.StepReopened;
import dev.runledger.events.execution.ExecutionEvent.StepScheduled;
import dev.runledger.events.execution.ExecutionEvent.StepSkipped;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionEvent.StepTimedOut;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePVector;

class ExecutionViewTest {

    private static final ExecutionId ID = new ExecutionId("default", new UUID(1, 2));
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final Failure BOOM = new Failure("boom", "Error", null, null);

    /** An event with when it occurred and was recorded, in seconds after {@link #T}. */
    private record At(long occurred, long recorded, ExecutionEvent event) {}

    private static At at(long second, ExecutionEvent event) {
        return new At(second, second, event);
    }

    private static RecordedEvent recorded(int index, At event) {
        return new RecordedEvent(
                ID,
                index + 1,
                100 + index,
                T.plusSeconds(event.occurred()),
                T.plusSeconds(event.recorded()),
                event.event());
    }

    private static ExecutionView view(At... events) {
        ExecutionView view = null;
        for (var i = 0; i < events.length; i++) {
            view = ExecutionView.evolve(view, recorded(i, events[i]));
        }
        return Objects.requireNonNull(view);
    }

    private static ExecutionDetails details(@Nullable Instant deadlineAt, @Nullable Long timeoutMs) {
        return new ExecutionDetails(
                "w",
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of("env", "prod"),
                Json.of("{\"a\":{\"b\":1.50,\"c\":2}}"),
                Json.of("1"),
                deadlineAt,
                timeoutMs);
    }

    private static ExecutionStarted started() {
        return new ExecutionStarted(ExecutionDetails.NONE, null);
    }

    private static StepStarted stepStarted(int attempt, @Nullable String agent) {
        return new StepStarted("s", 1, attempt, agent, StepDetails.NONE);
    }

    private static StepView step(ExecutionView view) {
        return Objects.requireNonNull(view.steps().get(new StepView.Key("s", 1)));
    }

    @Nested
    class AnExecution {

        @Test
        void wasCreatedWhenItsFirstEventOccurred() {
            var header = view(at(3, new ExecutionScheduled(details(null, null), null)), at(5, started()))
                    .header();
            assertThat(header.createdAt()).isEqualTo(T.plusSeconds(3));
            assertThat(header.span().startedAt()).isEqualTo(T.plusSeconds(5));
            assertThat(header.status()).isEqualTo(ExecutionStatus.RUNNING);
            assertThat(header.version()).isEqualTo(2);
            assertThat(header.position()).isEqualTo(101);
            assertThat(header.statusSince()).isEqualTo(101);
        }

        @Test
        void keepsWhatItsStartDoesNotRepeat() {
            var header = view(at(3, new ExecutionScheduled(details(null, null), null)), at(5, started()))
                    .header();
            assertThat(header.details()).isEqualTo(details(null, null));
        }

        @Test
        void mustEndItsTimeoutAfterItsStartWasRecorded() {
            var given = details(null, 2_000L);
            assertThat(view(at(0, new ExecutionScheduled(given, null)))
                            .header()
                            .details()
                            .deadlineAt())
                    .isNull();
            assertThat(view(at(0, new ExecutionScheduled(given, null)), new At(4, 5, started()))
                            .header()
                            .details()
                            .deadlineAt())
                    .isEqualTo(T.plusSeconds(7));
        }

        @Test
        void keepsAGivenDeadline() {
            var given = details(T.plusSeconds(60), null);
            assertThat(view(at(0, new ExecutionScheduled(given, null)), at(1, started()))
                            .header()
                            .details()
                            .deadlineAt())
                    .isEqualTo(T.plusSeconds(60));
        }

        @Test
        void survivesATimeoutBeyondTheEndOfTime() {
            var header = view(at(0, new ExecutionStarted(details(null, Long.MAX_VALUE), null)))
                    .header();
            assertThat(header.details().deadlineAt()).isEqualTo(Instant.parse("9999-12-31T23:59:59.999999Z"));
        }

        @Test
        void forgetsItsEndWhenItIsRetried() {
            var header = view(
                            at(0, new ExecutionStarted(details(T.plusSeconds(9), null), null)),
                            at(2, new ExecutionFailed(BOOM)),
                            at(4, new ExecutionRetried(2, null, null, null, null)))
                    .header();
            assertThat(header.error()).isNull();
            assertThat(header.span()).isEqualTo(new Span(T, null));
            assertThat(header.attempt()).isEqualTo(2);
            assertThat(header.details().deadlineAt()).isNull();
        }

        @Test
        void restartsItsTimeoutWhenItIsRetried() {
            var first = at(0, new ExecutionStarted(details(null, 2_000L), null));
            var failed = at(2, new ExecutionFailed(BOOM));
            assertThat(view(first, failed, at(4, new ExecutionRetried(2, null, null, null, null)))
                            .header()
                            .details()
                            .deadlineAt())
                    .isEqualTo(T.plusSeconds(6));
            var again = view(
                    first,
                    failed,
                    at(4, new ExecutionRetried(2, null, null, 5_000L, null)),
                    failed,
                    at(8, new ExecutionRetried(3, null, null, null, null)));
            assertThat(again.header().details().deadlineAt()).isEqualTo(T.plusSeconds(10));
        }

        @Test
        void takesTheTimeOfARetryAsItsStartWhereItNeverStarted() {
            var header = view(
                            at(0, new ExecutionScheduled(details(null, null), null)),
                            at(1, new ExecutionCancelled(null)),
                            at(4, new ExecutionRetried(2, null, null, null, null)))
                    .header();
            assertThat(header.span()).isEqualTo(new Span(T.plusSeconds(4), null));
        }

        @Test
        void hasNoNegativeDuration() {
            var span = view(at(5, started()), at(3, new ExecutionCompleted(null)))
                    .header()
                    .span();
            assertThat(span.durationMs()).isZero();
            assertThat(span.clockSkew()).isTrue();
        }

        @Test
        void hasNoDurationWhenItNeverStarted() {
            var span = view(
                            at(0, new ExecutionScheduled(details(null, null), null)),
                            at(1, new ExecutionCancelled(null)))
                    .header()
                    .span();
            assertThat(span.durationMs()).isNull();
            assertThat(span.clockSkew()).isFalse();
        }

        @Test
        void isAmendedByMergePatch() {
            var tags = new TreeMap<String, @Nullable String>();
            tags.put("env", null);
            tags.put("team", "x");
            var details = view(
                            at(0, new ExecutionStarted(details(null, null), null)),
                            at(1, new ExecutionAmended(tags, Json.of("{\"a\":{\"c\":null,\"d\":[null]},\"e\":1E2}"))))
                    .header()
                    .details();
            assertThat(details.tags()).isEqualTo(Map.of("team", "x"));
            assertThat(details.metadata()).isEqualTo(Json.of("{\"a\":{\"b\":1.50,\"d\":[null]},\"e\":1E+2}"));
        }

        @Test
        void hasTheStateOfItsLastCheckpoint() {
            var view = view(
                    at(0, started()),
                    at(1, new CheckpointRecorded("1", null, null, Json.of("1"))),
                    at(1, new CheckpointRecorded("2", null, null, Json.of("2"))));
            assertThat(view.currentState()).isEqualTo(Json.of("2"));
        }

        @Test
        void leavesOnlyItsLifeBehindWhenItIsErased() {
            var view = view(
                    at(0, new ExecutionStarted(details(null, null), null)),
                    at(1, stepStarted(1, null)),
                    at(1, new StepCompleted("s", 1, 1, Json.of("1"))),
                    at(2, new ExecutionCompleted(Json.of("2"))),
                    at(9, new ExecutionErased(null)));
            assertThat(view.steps()).isEmpty();
            assertThat(view.header().details()).isEqualTo(ExecutionDetails.NONE);
            assertThat(view.header().output()).isNull();
            assertThat(view.header().erased()).isTrue();
            assertThat(view.header().status()).isEqualTo(ExecutionStatus.COMPLETED);
        }

        @Test
        void ignoresAnEventThatItHolds() {
            var view = view(at(0, started()), at(1, new ExecutionCompleted(null)));
            assertThat(ExecutionView.evolve(view, recorded(1, at(7, new ExecutionFailed(BOOM)))))
                    .isSameAs(view);
        }
    }

    @Nested
    class AStep {

        @Test
        void keepsTheErrorOfAnAttemptUntilTheNextOne() {
            var failed = at(2, new StepFailed("s", 1, 1, BOOM, null, true, T.plusSeconds(9)));
            var retrying = step(view(at(0, started()), at(1, stepStarted(1, "a")), failed));
            assertThat(retrying.status()).isEqualTo(StepStatus.RETRYING);
            assertThat(retrying.error()).isEqualTo(BOOM);
            assertThat(retrying.nextRetryAt()).isEqualTo(T.plusSeconds(9));
            assertThat(retrying.span().endedAt()).isNull();

            var again = step(view(at(0, started()), at(1, stepStarted(1, "a")), failed, at(4, stepStarted(2, null))));
            assertThat(again.error()).isNull();
            assertThat(again.nextRetryAt()).isNull();
            assertThat(again.span().startedAt()).isEqualTo(T.plusSeconds(1));
            assertThat(again.agentId()).isNull();
            assertThat(again.retryCount()).isEqualTo(1);
            assertThat(again.attempts())
                    .extracting(AttemptView::status)
                    .containsExactly(StepStatus.FAILED, StepStatus.RUNNING);
            assertThat(again.attempts().getFirst().error()).isEqualTo(BOOM);
        }

        @Test
        void countsItsAttemptsOnWhenItIsReopened() {
            var reopened = step(view(
                    at(0, started()),
                    at(1, stepStarted(1, "a")),
                    at(2, new StepFailed("s", 1, 1, BOOM, null, false, T)),
                    at(3, new StepReopened("s", 1))));
            assertThat(reopened.status()).isEqualTo(StepStatus.PENDING);
            assertThat(reopened.error()).isNull();
            assertThat(reopened.span()).isEqualTo(Span.NONE);
            assertThat(reopened.attempt()).isEqualTo(1);
        }

        @Test
        void leavesAnEndedAttemptAloneWhenItIsCancelled() {
            var cancelled = step(view(
                    at(0, started()),
                    at(1, stepStarted(1, "a")),
                    at(2, new StepFailed("s", 1, 1, BOOM, null, true, T)),
                    at(3, new StepCancelled("s", 1, null))));
            assertThat(cancelled.status()).isEqualTo(StepStatus.CANCELLED);
            assertThat(cancelled.nextRetryAt()).isNull();
            assertThat(cancelled.attempts().getFirst().status()).isEqualTo(StepStatus.FAILED);
        }

        @Test
        void hasNoAttemptsWhenItIsSkipped() {
            var skipped = step(view(at(0, started()), at(1, new StepSkipped("s", 1, null))));
            assertThat(skipped.attempt()).isZero();
            assertThat(skipped.retryCount()).isZero();
            assertThat(skipped.span().durationMs()).isNull();
            assertThat(skipped.span().endedAt()).isEqualTo(T.plusSeconds(1));
        }
    }

    @Provide
    Arbitrary<List<At>> histories() {
        var stepIds = Arbitraries.of("a", "b", "c");
        var iterations = Arbitraries.integers().between(1, 2);
        var attempts = Arbitraries.integers().between(1, 3);
        Arbitrary<ExecutionEvent> ofStep = Combinators.combine(
                        stepIds, iterations, attempts, Arbitraries.integers().between(0, 7))
                .as((stepId, iteration, attempt, kind) -> switch (kind) {
                    case 0 -> new StepScheduled(stepId, iteration, StepDetails.NONE);
                    case 1 -> new StepStarted(stepId, iteration, attempt, "agent", StepDetails.NONE);
                    case 2 -> new StepCompleted(stepId, iteration, attempt, Json.of("1"));
                    case 3 -> new StepFailed(stepId, iteration, attempt, BOOM, null, attempt < 3, T);
                    case 4 -> new StepReopened(stepId, iteration);
                    case 5 -> new StepSkipped(stepId, iteration, null);
                    case 6 -> new StepCancelled(stepId, iteration, null);
                    default -> new StepTimedOut(stepId, iteration, null);
                });
        Arbitrary<ExecutionEvent> ofExecution = Arbitraries.of(
                new ExecutionScheduled(details(null, 5L), null),
                started(),
                new ExecutionCompleted(Json.of("1")),
                new ExecutionFailed(BOOM),
                new ExecutionRetried(2, null, null, null, null),
                new ExecutionAmended(Map.of("x", "y"), Json.of("{\"m\":1}")),
                new ArtifactRecorded("f", null, null, "t", "n", null, null, null, null, null, null),
                new CheckpointRecorded("c", null, null, Json.of("1")));
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(4, ofStep), net.jqwik.api.Tuple.of(1, ofExecution)),
                        Arbitraries.longs().between(0, 100))
                .as((event, second) -> at(second, event))
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    @Property(tries = 300)
    void countsAgreeWithTheRows(@ForAll("histories") List<At> history) {
        var view = view(history.toArray(At[]::new));
        var counted = new EnumMap<StepStatus, Integer>(StepStatus.class);
        view.steps().values().forEach(step -> counted.merge(step.status(), 1, Integer::sum));
        assertThat(view.header().stepCounts().byStatus()).isEqualTo(counted);
        assertThat(view.header().iterations())
                .isEqualTo(view.steps().keySet().stream()
                        .mapToInt(StepView.Key::iteration)
                        .max()
                        .orElse(0));
        assertThat(view.header().artifactCount()).isEqualTo(view.artifacts().size());
        assertThat(view.header().version()).isEqualTo(history.size());
    }

    /** As the projection does it: only the header, the row that the event names, and that row's last attempt. */
    @Property(tries = 300)
    void partsComeToTheSameAsTheWhole(@ForAll("histories") List<At> history) {
        ExecutionView part = null;
        var rows = new java.util.HashMap<StepView.Key, StepView>();
        for (var i = 0; i < history.size(); i++) {
            var recorded = recorded(i, history.get(i));
            if (part != null) {
                part = ExecutionView.part(part.header(), HashTreePMap.empty());
                if (recorded.event() instanceof OfStep ofStep) {
                    var key = new StepView.Key(ofStep.stepId(), ofStep.iteration());
                    var row = rows.get(key);
                    if (row != null) {
                        part = ExecutionView.part(part.header(), HashTreePMap.singleton(key, lastAttemptOnly(row)));
                    }
                }
            }
            part = ExecutionView.evolve(part, recorded);
            rows.putAll(part.steps());
        }
        var whole = view(history.toArray(At[]::new));
        assertThat(Objects.requireNonNull(part).header()).isEqualTo(whole.header());
        assertThat(rows.keySet()).isEqualTo(whole.steps().keySet());
        whole.steps()
                .forEach((key, step) -> assertThat(lastAttemptOnly(Objects.requireNonNull(rows.get(key))))
                        .isEqualTo(lastAttemptOnly(step)));
    }

    private static StepView lastAttemptOnly(StepView row) {
        return new StepView(
                row.key(),
                row.firstVersion(),
                row.firstPosition(),
                row.version(),
                row.details(),
                row.status(),
                row.attempt(),
                row.agentId(),
                row.output(),
                row.error(),
                row.nextRetryAt(),
                row.span(),
                row.attempts().isEmpty()
                        ? row.attempts()
                        : TreePVector.singleton(row.attempts().getLast()));
    }
}
