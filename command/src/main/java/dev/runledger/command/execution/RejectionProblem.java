package dev.runledger.command.execution;

import dev.runledger.command.execution.Rejection.ContentMismatch;
import dev.runledger.command.execution.Rejection.Erased;
import dev.runledger.command.execution.Rejection.IllegalAttempt;
import dev.runledger.command.execution.Rejection.IllegalIteration;
import dev.runledger.command.execution.Rejection.IllegalStepTransition;
import dev.runledger.command.execution.Rejection.IllegalTransition;
import dev.runledger.command.execution.Rejection.OfExisting;
import dev.runledger.command.execution.Rejection.StoppedByEarlierRefusal;
import dev.runledger.command.execution.Rejection.TooManyOpenSteps;
import dev.runledger.command.execution.Rejection.UnknownExecution;
import dev.runledger.command.execution.Rejection.UnknownStep;
import dev.runledger.command.execution.Rejection.VersionMismatch;
import dev.runledger.command.http.Problem;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** What a client is told of a {@link Rejection}. Refusals because of the state name the status and version it has. */
public final class RejectionProblem {

    private RejectionProblem() {}

    public static ProblemDetail of(Rejection rejection) {
        var problem = switch (rejection) {
            case UnknownExecution r ->
                Problem.detail(
                        HttpStatus.NOT_FOUND,
                        "unknown-execution",
                        "No such execution",
                        "There is no execution " + r.execution().id() + " in the namespace "
                                + r.execution().namespace() + ".");
            case UnknownStep r ->
                Problem.detail(
                        HttpStatus.NOT_FOUND,
                        "unknown-step",
                        "No such step",
                        "Execution " + r.execution().id() + " has no step " + r.stepId()
                                + (r.iteration() == null ? "." : " with iteration " + r.iteration() + "."));
            case Erased r ->
                Problem.detail(
                        HttpStatus.GONE,
                        "erased",
                        "The execution was erased",
                        "The contents of execution " + r.execution().id() + " were removed for good.");
            case IllegalTransition r ->
                conflict(
                        "illegal-transition",
                        "The execution's status does not allow this",
                        r.command() + " is refused while the execution is "
                                + r.standing().status() + (r.detail() == null ? "." : ": " + r.detail() + "."));
            case IllegalStepTransition r ->
                conflict(
                        "illegal-step-transition",
                        "The step's status does not allow this",
                        r.command() + " is refused: step " + r.stepId() + " (iteration " + r.iteration() + ") "
                                + (r.stepStatus() == null ? "does not exist." : "is " + r.stepStatus() + "."));
            case IllegalIteration r ->
                conflict(
                        "illegal-iteration",
                        "The step is not at this iteration",
                        r.command() + " names iteration " + r.iteration() + " of step " + r.stepId() + "; "
                                + (r.current() == 0 ? "its first is 1." : "the current one is " + r.current() + "."));
            case IllegalAttempt r ->
                conflict(
                        "illegal-attempt",
                        "This is not the attempt that is due",
                        r.command() + " names attempt " + r.attempt() + " of "
                                + (r.stepId() == null ? "the execution" : "step " + r.stepId())
                                + "; the current one is " + r.current() + ".");
            case ContentMismatch r ->
                conflict(
                        "content-mismatch",
                        "It is recorded with other content",
                        r.command() + ": " + r.what()
                                + " is recorded with other content, and recorded content never changes.");
            case TooManyOpenSteps r ->
                conflict(
                        "too-many-open-steps",
                        "Too many open steps",
                        "An execution may have " + r.limit() + " open steps at once. End some first.");
            case StoppedByEarlierRefusal r -> stopped(r);
            case VersionMismatch r ->
                Problem.detail(
                        HttpStatus.PRECONDITION_FAILED,
                        "version-mismatch",
                        "The execution has another version",
                        "Version " + r.expected() + " was expected; the execution is at version "
                                + r.standing().version() + ". Read it again before you decide.");
        };
        if (rejection instanceof OfExisting existing) {
            problem.setProperty("currentStatus", existing.standing().status());
            problem.setProperty("currentVersion", existing.standing().version());
        }
        return problem;
    }

    private static ProblemDetail stopped(StoppedByEarlierRefusal rejection) {
        return conflict(
                "stopped-by-earlier-refusal",
                "An earlier command was refused",
                "An earlier command of execution " + rejection.execution().id()
                        + " in the same batch was refused, and the batch asked to stop there.");
    }

    private static ProblemDetail conflict(String slug, String title, String detail) {
        return Problem.detail(HttpStatus.CONFLICT, slug, title, detail);
    }
}
