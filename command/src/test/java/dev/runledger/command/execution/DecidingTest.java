package dev.runledger.command.execution;

import static dev.runledger.command.execution.Scenario.BANG;
import static dev.runledger.command.execution.Scenario.BOOM;
import static dev.runledger.command.execution.Scenario.EXECUTION;
import static dev.runledger.command.execution.Scenario.after;
import static dev.runledger.command.execution.Scenario.amend;
import static dev.runledger.command.execution.Scenario.artifact;
import static dev.runledger.command.execution.Scenario.cancel;
import static dev.runledger.command.execution.Scenario.checkpoint;
import static dev.runledger.command.execution.Scenario.complete;
import static dev.runledger.command.execution.Scenario.completeAnyway;
import static dev.runledger.command.execution.Scenario.completeStep;
import static dev.runledger.command.execution.Scenario.details;
import static dev.runledger.command.execution.Scenario.fail;
import static dev.runledger.command.execution.Scenario.failStep;
import static dev.runledger.command.execution.Scenario.json;
import static dev.runledger.command.execution.Scenario.retry;
import static dev.runledger.command.execution.Scenario.schedule;
import static dev.runledger.command.execution.Scenario.scheduleSteps;
import static dev.runledger.command.execution.Scenario.skipStep;
import static dev.runledger.command.execution.Scenario.start;
import static dev.runledger.command.execution.Scenario.startAttempt;
import static dev.runledger.command.execution.Scenario.startIteration;
import static dev.runledger.command.execution.Scenario.startScheduled;
import static dev.runledger.command.execution.Scenario.startStep;
import static dev.runledger.command.execution.Scenario.step;
import static dev.runledger.command.execution.Scenario.timeOut;
import static dev.runledger.command.execution.Scenario.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.ExecutionCommand.AmendExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleStep;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.execution.ExecutionCommand.StartStep;
import dev.runledger.command.execution.Rejection.ContentMismatch;
import dev.runledger.command.execution.Rejection.IllegalAttempt;
import dev.runledger.command.execution.Rejection.IllegalTransition;
import dev.runledger.command.execution.Rejection.TooManyOpenSteps;
import dev.runledger.command.execution.Rejection.UnknownStep;
import dev.runledger.command.execution.Rejection.VersionMismatch;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ArtifactRecorded;
import dev.runledger.events.execution.ExecutionEvent.ExecutionErased;
import dev.runledger.events.execution.ExecutionEvent.StepFailed;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.events.execution.StepStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The rules around the two tables. */
class DecidingTest {

    private static Rejection refused(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Refuse.class);
        return ((Decision.Refuse) decision).rejection();
    }

    @Nested
    class EndingAnExecution {

        private final Scenario scenario = after(
                start(step("done"), step("waits"), step("runs"), step("retries", 3)),
                startStep("done"),
                completeStep("done"),
                startStep("runs"),
                startStep("retries"),
                failStep("retries"));

        @Test
        void isRefusedWhileAStepRunsAndSaysHowMany() {
            var rejection = refused(scenario.decide(complete()));
            assertThat(rejection)
                    .isEqualTo(new IllegalTransition(
                            new Rejection.Standing(EXECUTION, ExecutionStatus.RUNNING, 10),
                            "CompleteExecution",
                            "2 of its steps are RUNNING or RETRYING"));
        }

        @Test
        void wellSkipsWhatWaitedAndCancelsWhatRanInTheOrderTheyBecameKnown() {
            assertThat(told(scenario.submit(completeAnyway())))
                    .isEqualTo("StepSkipped StepCancelled StepCancelled ExecutionCompleted");
            assertThat(scenario.history.subList(10, 13))
                    .extracting("stepId")
                    .containsExactly("waits", "runs", "retries");
            assertThat(scenario.state.openSteps()).isZero();
        }

        @Test
        void byAFailureCancelsEveryOpenStep() {
            assertThat(told(scenario.decide(fail(BOOM))))
                    .isEqualTo("StepCancelled StepCancelled StepCancelled ExecutionFailed");
        }

        @Test
        void byATimeoutTimesOutWhatRan() {
            assertThat(told(scenario.decide(timeOut(null))))
                    .isEqualTo("StepCancelled StepTimedOut StepTimedOut ExecutionTimedOut");
        }

        @Test
        void beforeItStartedCancelsItsSteps() {
            assertThat(told(after(schedule(step("a"))).decide(cancel(null))))
                    .isEqualTo("StepCancelled ExecutionCancelled");
        }
    }

    @Nested
    class RetryingAnExecution {

        private final Scenario scenario = after(
                start(step("done"), step("failed"), step("skipped"), step("waits")),
                startStep("done"),
                completeStep("done"),
                startStep("failed"),
                failStep("failed"),
                skipStep("skipped", null),
                fail(BOOM));

        @Test
        void reopensWhatFailedOrWasCancelledAndKeepsTheRest() {
            assertThat(told(scenario.submit(retry(null)))).isEqualTo("ExecutionRetried StepReopened StepReopened");
            assertThat(scenario.state.status()).isEqualTo(ExecutionStatus.RUNNING);
            assertThat(scenario.state.attempt()).isEqualTo(2);
            assertThat(scenario.state.step("failed", 1)).extracting("status").isEqualTo(StepStatus.PENDING);
            assertThat(scenario.state.step("waits", 1)).extracting("status").isEqualTo(StepStatus.PENDING);
            assertThat(scenario.state.step("done", 1)).extracting("status").isEqualTo(StepStatus.COMPLETED);
            assertThat(scenario.state.step("skipped", 1)).extracting("status").isEqualTo(StepStatus.SKIPPED);
        }

        @Test
        void reopensTheNamedStepsOnceEach() {
            assertThat(told(scenario.decide(retry(null, "done", "failed", "done"))))
                    .isEqualTo("ExecutionRetried StepReopened StepReopened");
        }

        @Test
        void isRefusedForAnUnknownStep() {
            assertThat(refused(scenario.decide(retry(null, "nope"))))
                    .isEqualTo(new UnknownStep(EXECUTION, "nope", null));
        }

        @Test
        void isARepeatByItsNumberInEveryLaterState() {
            scenario.submit(retry(2));
            assertThat(told(scenario.decide(retry(2)))).isEqualTo("repeat");
            scenario.submit(completeAnyway());
            assertThat(told(scenario.decide(retry(2)))).isEqualTo("repeat");
            assertThat(refused(scenario.decide(retry(2, "done")))).isInstanceOf(ContentMismatch.class);
            assertThat(refused(scenario.decide(retry(1)))).isInstanceOf(IllegalAttempt.class);
        }

        @Test
        void givesTheStepItsRetriesAgain() {
            var retrying = after(
                    start(step("s", 1)),
                    startStep("s"),
                    failStep("s"),
                    startStep("s"),
                    failStep("s"),
                    fail(BOOM),
                    retry(null),
                    startStep("s"));
            assertThat(retrying.history.stream().filter(StepFailed.class::isInstance))
                    .extracting("willRetry")
                    .containsExactly(true, false);
            retrying.submit(failStep("s"));
            assertThat(retrying.history.getLast())
                    .extracting("attempt", "willRetry")
                    .containsExactly(3, true);
        }

        @Test
        void leavesALateWorkerOfTheOldAttemptBehind() {
            scenario.submit(retry(null));
            assertThat(refused(scenario.decide(completeStep("failed")))).isNotNull();
            assertThat(told(scenario.decide(startAttempt("failed", 1)))).isEqualTo("repeat");
            scenario.submit(startStep("failed"));
            assertThat(refused(scenario.decide(completeStep("failed", null, 1))))
                    .isInstanceOf(IllegalAttempt.class);
            assertThat(told(scenario.decide(completeStep("failed", null, 2)))).isEqualTo("StepCompleted");
        }
    }

    @Nested
    class StartingAnExecution {

        @Test
        void fromItsScheduleMayRepeatFieldsButNotChangeThem() {
            var scheduled = after(schedule(step("a")));
            var workflowAlone = new StartExecution(workflow("w"), List.of());
            assertThat(told(scheduled.decide(workflowAlone))).isEqualTo("ExecutionStarted");
            assertThat(refused(scheduled.decide(new StartExecution(workflow("x"), List.of()))))
                    .isInstanceOf(ContentMismatch.class);
            scheduled.submit(workflowAlone);
            assertThat(told(scheduled.decide(workflowAlone))).isEqualTo("repeat");
            assertThat(told(scheduled.decide(start(step("a"))))).isEqualTo("repeat");
            assertThat(told(scheduled.decide(startScheduled()))).isEqualTo("repeat");
        }

        @Test
        void againWithLessThanTheFirstBodyIsOtherContent() {
            assertThat(refused(after(start()).decide(new StartExecution(workflow("w"), List.of()))))
                    .isInstanceOf(ContentMismatch.class);
        }

        @Test
        void againWithOtherStepsIsOtherContent() {
            var scenario = after(start(step("a"), step("b", 2)));
            assertThat(told(scenario.decide(start(step("a"), step("b", 2))))).isEqualTo("repeat");
            assertThat(told(scenario.decide(start(step("a"))))).isEqualTo("409");
            assertThat(told(scenario.decide(start(step("a"), step("b", 3))))).isEqualTo("409");
            assertThat(told(scenario.decide(start(step("a"), step("b", 2), step("c")))))
                    .isEqualTo("409");
        }

        @Test
        void isComparedWithTheFirstBodyAlsoAfterAmendments() {
            var scenario = after(start(), amend("dev"));
            assertThat(told(scenario.decide(start()))).isEqualTo("repeat");
        }

        @Test
        void comparesJsonByMeaning() {
            var scenario = after(new StartExecution(details("w", json("{\"a\":1.0,\"b\":[1e2]}")), List.of()));
            assertThat(told(scenario.decide(
                            new StartExecution(details("w", json(" { \"b\" : [100], \"a\" : 1 } ")), List.of()))))
                    .isEqualTo("repeat");
            assertThat(told(scenario.decide(
                            new StartExecution(details("w", json("{\"a\":1.0001,\"b\":[1e2]}")), List.of()))))
                    .isEqualTo("409");
        }

        private static ExecutionDetails workflow(String name) {
            return new ExecutionDetails(name, null, null, null, null, null, null, null, null, null, null, null, null);
        }
    }

    @Nested
    class SayingItTwice {

        @Test
        void withTheSameCommandIdAppendsNothingWhateverItSays() {
            var scenario = after(start());
            assertThat(told(scenario.submit(amend("a"), "c1", null))).isEqualTo("ExecutionAmended");
            assertThat(told(scenario.submit(amend("b"), "c1", null))).isEqualTo("repeat");
            assertThat(told(scenario.submit(amend("b"), "c2", null))).isEqualTo("ExecutionAmended");
            assertThat(told(scenario.submit(amend("a"), "c1", null))).isEqualTo("repeat");
        }

        @Test
        void amendingIsARepeatOfTheLastAmendmentOnly() {
            var scenario = after(start(), amend("a"), amend("b"));
            assertThat(told(scenario.decide(amend("b")))).isEqualTo("repeat");
            assertThat(told(scenario.decide(amend("a")))).isEqualTo("ExecutionAmended");
        }

        @Test
        void amendingNothingAppendsNothing() {
            assertThat(told(after(start()).decide(new AmendExecution(Map.of(), json("{}")))))
                    .isEqualTo("repeat");
        }

        @Test
        void removingATagIsNotTheSameAsLeavingIt() {
            var removal = new HashMap<String, @Nullable String>();
            removal.put("env", null);
            assertThat(told(after(start()).decide(new AmendExecution(removal, null))))
                    .isEqualTo("ExecutionAmended");
        }

        @Test
        void anOlderIterationIsRecognisedWhenItIsNamed() {
            var scenario = after(start(), startStep("s"), completeStep("s"), startIteration("s", 2));
            assertThat(told(scenario.decide(completeStep("s", 1, null)))).isEqualTo("repeat");
            assertThat(told(scenario.decide(startIteration("s", 1)))).isEqualTo("repeat");
            assertThat(told(scenario.decide(completeStep("s")))).isEqualTo("StepCompleted");
        }

        @Test
        void anArrayOfStepsAppendsWhatIsNewAndIsRefusedWhole() {
            var scenario = after(start(), scheduleSteps(step("a")));
            assertThat(told(scenario.decide(scheduleSteps(step("a"), step("b"), step("b")))))
                    .isEqualTo("StepScheduled");
            assertThat(told(scenario.decide(scheduleSteps(step("b"), step("a", 1)))))
                    .isEqualTo("409");
            assertThat(told(scenario.decide(scheduleSteps(step("b"), step("b", 1)))))
                    .isEqualTo("409");
        }
    }

    @Nested
    class Conditions {

        @Test
        void areComparedAfterRepeatsAndBeforeTheState() {
            var scenario = after(start(), complete());
            assertThat(told(scenario.decide(complete(), null, 1L))).isEqualTo("repeat");
            assertThat(refused(scenario.decide(cancel(null), null, 1L)))
                    .isEqualTo(new VersionMismatch(new Rejection.Standing(EXECUTION, ExecutionStatus.COMPLETED, 2), 1));
            assertThat(told(scenario.decide(cancel(null), null, 2L))).isEqualTo("409");
            assertThat(told(scenario.decide(amend("x"), null, 2L))).isEqualTo("ExecutionAmended");
        }

        @Test
        void onAnUnknownExecutionCannotHold() {
            assertThat(told(after().decide(start(), null, 3L))).isEqualTo("404");
            assertThat(told(after().decide(complete(), null, 3L))).isEqualTo("404");
        }
    }

    @Nested
    class RecordingArtifacts {

        @Test
        void withoutAnIdFindsTheSameContentAgainAlsoAfterTheEnd() {
            var scenario = after(start(), startStep("s"), artifact(null, "s", 1));
            scenario.submit(completeStep("s"));
            scenario.submit(complete());
            assertThat(told(scenario.decide(artifact(null, "s", 1)))).isEqualTo("repeat");
            assertThat(told(scenario.decide(artifact(null, "s", 2)))).isEqualTo("409");
        }

        @Test
        void belongsToTheIterationThatIsCurrent() {
            var scenario = after(
                    start(),
                    startStep("s"),
                    artifact(null, "s", 1),
                    completeStep("s"),
                    startIteration("s", 2),
                    artifact(null, "s", 1));
            assertThat(scenario.history.stream().filter(ArtifactRecorded.class::isInstance))
                    .extracting("iteration")
                    .containsExactly(1, 2);
        }

        @Test
        void needsItsStep() {
            assertThat(refused(after(start()).decide(artifact(null, "s", 1))))
                    .isEqualTo(new UnknownStep(EXECUTION, "s", null));
        }
    }

    @Nested
    class RecordingCheckpoints {

        @Test
        void isRecognisedInEveryLaterState() {
            var scenario = after(start(), checkpoint("c", "{\"k\":1}"), complete());
            assertThat(told(scenario.decide(checkpoint("c", "{ \"k\": 1 }")))).isEqualTo("repeat");
            assertThat(told(scenario.decide(checkpoint("c", "{\"k\":2}")))).isEqualTo("409");
        }
    }

    @Nested
    class AStep {

        @Test
        void thatWasScheduledIsStartedWithoutSayingItsFieldsAgainOrSayingTheSame() {
            var scenario = after(start(step("s", 2)));
            assertThat(told(scenario.decide(new StartStep("s", null, null, "a", Scenario.retries(2)))))
                    .isEqualTo("StepStarted");
            assertThat(told(scenario.decide(new StartStep("s", null, null, "a", Scenario.retries(3)))))
                    .isEqualTo("409");
        }

        @Test
        void isNotStartedWithAnExplicitDefaultInPlaceOfWhatWasScheduled() {
            var scenario = after(start(step("s", 2), step("plain")));
            assertThat(told(scenario.decide(new StartStep("s", null, null, null, Scenario.retries(0)))))
                    .isEqualTo("409");
            assertThat(told(scenario.decide(new StartStep("plain", null, null, null, Scenario.retries(0)))))
                    .isEqualTo("StepStarted");
        }

        @Test
        void failsForGoodWhenItsRetriesAreUsedUpOrItSaysSo() {
            var scenario = after(start(step("s", 1)), startStep("s"), failStep("s"), startStep("s"));
            scenario.submit(failStep("s"));
            assertThat(scenario.state.step("s", 1)).extracting("status").isEqualTo(StepStatus.FAILED);
            var never = after(start(step("s", 9)), startStep("s"), failStep("s", BANG, false));
            assertThat(never.state.step("s", 1)).extracting("status").isEqualTo(StepStatus.FAILED);
        }

        @Test
        void isRefusedBeyondOneHundredThousandOpenOnes() {
            var scenario = after(start());
            for (var batch = 0; batch < 10; batch++) {
                var from = batch * 10_000;
                var steps = IntStream.range(from, from + 10_000)
                        .mapToObj(n -> new ScheduleStep("s" + n, null, StepDetails.NONE))
                        .toList();
                scenario.submit(new ExecutionCommand.ScheduleSteps(steps));
            }
            assertThat(scenario.state.openSteps()).isEqualTo(100_000);
            assertThat(refused(scenario.decide(scheduleSteps(step("more"))))).isInstanceOf(TooManyOpenSteps.class);
            assertThat(refused(scenario.decide(startStep("more")))).isInstanceOf(TooManyOpenSteps.class);
            assertThat(told(scenario.decide(startStep("s7")))).isEqualTo("StepStarted");
            assertThat(((Decision.Append) scenario.decide(complete())).events()).hasSize(100_001);
        }
    }

    @Test
    void anErasedExecutionTakesNothingAndRecognisesNothing() {
        var scenario = after(start());
        scenario.state = scenario.state.evolve(new ExecutionErased(null), null);
        assertThat(told(scenario.decide(start()))).isEqualTo("410");
        assertThat(told(scenario.decide(amend("x")))).isEqualTo("410");
    }
}
