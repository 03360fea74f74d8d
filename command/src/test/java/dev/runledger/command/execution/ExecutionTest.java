package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.EXECUTION;
import static dev.runledger.command.execution.Scenario.NOW;
import static dev.runledger.command.execution.Scenario.cancel;
import static dev.runledger.command.execution.Scenario.complete;
import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.json;
import static dev.runledger.command.execution.Scenario.scheduleSteps;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startStep;
import static dev.runledger.command.execution.Scenario.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.AppliedCommands.Applied;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.events.execution.StepStatus;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.hamcrest.CustomMatcher;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The aggregate: what one ApplyCommands appends and answers. */
class ExecutionTest {

    private AggregateTestFixture<Execution> fixture = new AggregateTestFixture<>(Execution.class);

    @BeforeEach
    void freshFixture() {
        fixture = new AggregateTestFixture<>(Execution.class);
    }

    private static ApplyCommands commands(boolean stopAtRefusal, ExecutionCommand... commands) {
        return new ApplyCommands(EXECUTION, List.of(request("ci", stopAtRefusal, commands)));
    }

    private static Request request(String actor, boolean stopAtRefusal, ExecutionCommand... commands) {
        return new Request(
                Arrays.stream(commands)
                        .map(command -> new Submission(command, NOW, null, null))
                        .toList(),
                stopAtRefusal,
                new Origin(actor, "r1", null));
    }

    private static ExecutionStarted started() {
        return new ExecutionStarted(start().details(), null);
    }

    @Nested
    class ApplyingCommands {

        @Test
        void appendsWhatFollowsFromAllOfThemInOrder() {
            fixture.givenNoPriorActivity()
                    .when(commands(false, start(), startStep("a"), completeStep("a"), complete()))
                    .expectSuccessfulHandlerExecution()
                    .expectEvents(
                            started(),
                            new StepStarted("a", 1, 1, null, StepDetails.NONE),
                            new StepCompleted("a", 1, 1, json("{\"n\":1}")),
                            new ExecutionCompleted(json("{\"ok\":true}")));
        }

        @Test
        void answersEachWithTheVersionAfterItAndItsStep() {
            fixture.given(started())
                    .when(commands(false, startStep("a"), startStep("a"), cancel("x")))
                    .expectResultMessageMatching(matching(message -> {
                        var step = List.of(new StepReceipt("a", 1, 1, StepStatus.RUNNING));
                        assertThat(((AppliedCommands) message.getPayload())
                                        .applied()
                                        .getFirst())
                                .containsExactly(
                                        new Applied.Accepted(2, ExecutionStatus.RUNNING, Outcome.Effect.APPENDED, step),
                                        new Applied.Accepted(
                                                2, ExecutionStatus.RUNNING, Outcome.Effect.UNCHANGED, step),
                                        new Applied.Accepted(
                                                4, ExecutionStatus.CANCELLED, Outcome.Effect.APPENDED, List.of()));
                    }));
        }

        @Test
        void refusesOneAndGoesOn() {
            fixture.given(started())
                    .when(commands(false, completeStep("a"), complete()))
                    .expectEvents(new ExecutionCompleted(json("{\"ok\":true}")));
        }

        @Test
        void stopsAtARefusalWhenAsked() {
            fixture.given(started())
                    .when(commands(true, completeStep("a"), complete()))
                    .expectNoEvents();
        }

        @Test
        void ofAnUnknownExecutionAppendsNothing() {
            // Nothing is stored, so there is nothing to compare the aggregate with.
            fixture.setReportIllegalStateChange(false);
            fixture.givenNoPriorActivity()
                    .when(commands(false, complete(), scheduleSteps(step("a"))))
                    .expectSuccessfulHandlerExecution()
                    .expectNoEvents();
        }

        @Test
        void marksEveryEventWithItsOriginAndItsTime() {
            fixture.givenNoPriorActivity()
                    .when(new ApplyCommands(
                            EXECUTION,
                            List.of(new Request(
                                    List.of(new Submission(start(step("a")), NOW, "c1", null)),
                                    false,
                                    new Origin("ci", "r1", null)))))
                    .expectEventsMatching(matching((List<EventMessage<?>> events) -> assertThat(events)
                            .hasSize(2)
                            .allSatisfy(event -> assertThat(event.getMetaData())
                                    .containsEntry("actor", "ci")
                                    .containsEntry("requestId", "r1")
                                    .containsEntry("commandId", "c1")
                                    .containsEntry("occurredAt", "2026-01-01T00:00:00.000000Z"))));
        }
    }

    @Nested
    class ApplyingSeveralRequests {

        @Test
        void keepsTheOriginOfEach() {
            fixture.given(started())
                    .when(new ApplyCommands(
                            EXECUTION,
                            List.of(request("a", false, startStep("a")), request("b", false, startStep("b")))))
                    .expectEventsMatching(matching((List<EventMessage<?>> events) -> assertThat(events)
                            .extracting(event -> event.getMetaData().get("actor"))
                            .containsExactly("a", "b")));
        }

        @Test
        void stopsOnlyTheOneThatAskedForIt() {
            fixture.given(started())
                    .when(new ApplyCommands(
                            EXECUTION,
                            List.of(
                                    request("a", true, completeStep("a"), startStep("a")),
                                    request("b", true, startStep("b")))))
                    .expectEvents(new StepStarted("b", 1, 1, null, StepDetails.NONE));
        }

        @Test
        void decidesEachFromWhatTheOnesBeforeItLeft() {
            fixture.given(started())
                    .when(new ApplyCommands(
                            EXECUTION,
                            List.of(request("a", false, startStep("a")), request("b", false, completeStep("a")))))
                    .expectEvents(
                            new StepStarted("a", 1, 1, null, StepDetails.NONE),
                            new StepCompleted("a", 1, 1, json("{\"n\":1}")));
        }
    }

    /** Looks with AssertJ, which says what differs. */
    private static <T> Matcher<T> matching(Consumer<T> look) {
        return new CustomMatcher<>("as asserted") {
            @Override
            @SuppressWarnings("unchecked")
            public boolean matches(Object item) {
                look.accept((T) item);
                return true;
            }
        };
    }
}
