package dev.runledger.query.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.artifact.ArtifactQueries;
import dev.runledger.query.past.Past;
import dev.runledger.query.step.StepQueries;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Executions with the parts that go along in one answer. */
@Component
public class WholeExecutions {

    static final String STEPS = "steps";
    static final String ARTIFACTS = "artifacts";

    private static final int MOST_INCLUDED = 1_000;

    private final ExecutionQueries executions;
    private final StepQueries steps;
    private final ArtifactQueries artifacts;

    WholeExecutions(ExecutionQueries executions, StepQueries steps, ArtifactQueries artifacts) {
        this.executions = executions;
        this.steps = steps;
        this.artifacts = artifacts;
    }

    /**
     * The execution {@code id}.
     *
     * @throws QueryProblem when there is none, or it was erased
     */
    ExecutionAnswer present(ExecutionId id, Set<String> included) {
        var answer = executions.one(id);
        if (included.contains(STEPS)) {
            answer = answer.with(ExecutionAnswer.IncludedSteps.of(steps.first(id, MOST_INCLUDED)));
        }
        if (included.contains(ARTIFACTS)) {
            answer = answer.with(ExecutionAnswer.IncludedArtifacts.of(artifacts.first(id, MOST_INCLUDED)));
        }
        return answer;
    }

    /** An execution of the past. */
    ExecutionAnswer past(Past then, Set<String> included) {
        var answer = executions.one(then);
        if (included.contains(STEPS)) {
            answer = answer.with(ExecutionAnswer.IncludedSteps.of(steps.first(then, MOST_INCLUDED)));
        }
        if (included.contains(ARTIFACTS)) {
            answer = answer.with(ExecutionAnswer.IncludedArtifacts.of(artifacts.first(then, MOST_INCLUDED)));
        }
        return answer;
    }

    /**
     * An execution of the past with all of its steps and artifacts.
     *
     * @throws QueryProblem when it had more than a thousand of either
     */
    public ExecutionAnswer whole(Past then) {
        mustFit(then, then.view().steps().size(), STEPS);
        mustFit(then, then.view().artifacts().size(), ARTIFACTS);
        var answer = past(then, Set.of(STEPS, ARTIFACTS));
        if (answer.steps().stepsCursor() != null || answer.artifacts().artifactsCursor() != null) {
            throw QueryProblem.tooLarge("The steps or artifacts of the execution "
                    + then.view().header().id().id() + " " + then.moment().text()
                    + " are more than one answer has room for; a patch covers one. The text of a diff covers all.");
        }
        return answer;
    }

    private static void mustFit(Past then, int parts, String of) {
        if (parts > MOST_INCLUDED) {
            throw QueryProblem.tooLarge(
                    "The execution " + then.view().header().id().id() + " had " + parts + " " + of + " "
                            + then.moment().text() + "; a patch covers up to 1,000. The text of a diff covers all.");
        }
    }
}
