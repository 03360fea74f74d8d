package dev.runledger.query.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.query.artifact.ArtifactAnswer;
import dev.runledger.query.step.StepItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One execution, whole.
 *
 * @param included its parts where they were asked for; null where not
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record ExecutionAnswer(
        @JsonUnwrapped ExecutionItem item,
        Json metadata,
        @Nullable Json input,
        @Nullable Json output,
        @Nullable Json currentState,
        @JsonUnwrapped IncludedSteps steps,
        @JsonUnwrapped IncludedArtifacts artifacts) {

    /**
     * The first steps.
     *
     * @param steps left out when they were not asked for
     * @param stepsCursor where they go on at the list of steps; left out when they do not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IncludedSteps(
            @Nullable List<StepItem> steps, @Nullable String stepsCursor) {
        static final IncludedSteps NONE = new IncludedSteps(null, null);
    }

    /**
     * The first artifacts.
     *
     * @param artifacts left out when they were not asked for
     * @param artifactsCursor where they go on at the list of artifacts; left out when they do not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IncludedArtifacts(
            @Nullable List<ArtifactAnswer> artifacts,
            @Nullable String artifactsCursor) {
        static final IncludedArtifacts NONE = new IncludedArtifacts(null, null);
    }
}
