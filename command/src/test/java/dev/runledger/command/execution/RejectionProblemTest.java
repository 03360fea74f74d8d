package dev.runledger.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.Rejection.ContentMismatch;
import dev.runledger.command.execution.Rejection.Erased;
import dev.runledger.command.execution.Rejection.IllegalAttempt;
import dev.runledger.command.execution.Rejection.IllegalIteration;
import dev.runledger.command.execution.Rejection.IllegalStepTransition;
import dev.runledger.command.execution.Rejection.IllegalTransition;
import dev.runledger.command.execution.Rejection.OfExisting;
import dev.runledger.command.execution.Rejection.Standing;
import dev.runledger.command.execution.Rejection.StoppedByEarlierRefusal;
import dev.runledger.command.execution.Rejection.TooManyOpenSteps;
import dev.runledger.command.execution.Rejection.UnknownExecution;
import dev.runledger.command.execution.Rejection.UnknownStep;
import dev.runledger.command.execution.Rejection.VersionMismatch;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RejectionProblemTest {

    private static final ExecutionId X = new ExecutionId("default", new UUID(0, 1));
    private static final Standing STANDING = new Standing(X, ExecutionStatus.COMPLETED, 7);

    static Stream<Arguments> rejections() {
        return Stream.of(
                Arguments.of(new UnknownExecution(X), 404, "unknown-execution"),
                Arguments.of(new UnknownStep(X, "a", null), 404, "unknown-step"),
                Arguments.of(new Erased(X), 410, "erased"),
                Arguments.of(new IllegalTransition(STANDING, "CancelExecution", null), 409, "illegal-transition"),
                Arguments.of(
                        new IllegalStepTransition(STANDING, "CompleteStep", "a", 1, null),
                        409,
                        "illegal-step-transition"),
                Arguments.of(new IllegalIteration(STANDING, "StartStep", "a", 3, 1), 409, "illegal-iteration"),
                Arguments.of(new IllegalAttempt(STANDING, "CompleteStep", "a", 1, 2), 409, "illegal-attempt"),
                Arguments.of(new ContentMismatch(STANDING, "CompleteStep", "step a"), 409, "content-mismatch"),
                Arguments.of(new TooManyOpenSteps(STANDING, 100_000), 409, "too-many-open-steps"),
                Arguments.of(new VersionMismatch(STANDING, 6), 412, "version-mismatch"),
                Arguments.of(new StoppedByEarlierRefusal(X), 409, "stopped-by-earlier-refusal"));
    }

    @ParameterizedTest
    @MethodSource("rejections")
    void hasItsStatusAndType(Rejection rejection, int status, String slug) {
        var problem = RejectionProblem.of(rejection);
        assertThat(problem.getStatus()).isEqualTo(status);
        assertThat(problem.getType()).hasToString("urn:runledger:problem:" + slug);
        assertThat(problem.getDetail()).endsWith(".");
        if (rejection instanceof OfExisting) {
            assertThat(problem.getProperties())
                    .containsEntry("currentStatus", ExecutionStatus.COMPLETED)
                    .containsEntry("currentVersion", 7L);
        }
    }

    @Test
    void saysWhatADeveloperCanActOn() {
        assertThat(RejectionProblem.of(new IllegalAttempt(STANDING, "CompleteStep", "a", 1, 2))
                        .getDetail())
                .isEqualTo("CompleteStep names attempt 1 of step a; the current one is 2.");
        assertThat(RejectionProblem.of(new VersionMismatch(STANDING, 6)).getDetail())
                .isEqualTo("Version 6 was expected; the execution is at version 7. Read it again before you decide.");
    }

    @Test
    void travelsWithoutAStackTrace() {
        var refused = new CommandRefused(new UnknownExecution(X));
        assertThat(refused.getStackTrace()).isEmpty();
        assertThat(refused.rejection()).isEqualTo(new UnknownExecution(X));
    }
}
