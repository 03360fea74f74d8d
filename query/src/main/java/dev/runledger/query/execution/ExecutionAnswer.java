package dev.runledger.query.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.query.AsOf;
import dev.runledger.query.PageOf;
import dev.runledger.query.artifact.ArtifactAnswer;
import dev.runledger.query.step.StepItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One execution, whole.
 *
 * @param steps where they were asked for
 * @param artifacts where they were asked for
 * @param asOf the past that it shows; null, and left out, when it shows the present
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ExecutionAnswer(
        @JsonUnwrapped ExecutionItem item,
        Json metadata,
        @Nullable Json input,
        @Nullable Json output,
        @Nullable Json currentState,
        @JsonUnwrapped IncludedSteps steps,
        @JsonUnwrapped IncludedArtifacts artifacts,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AsOf asOf) {

    ExecutionAnswer with(IncludedSteps steps) {
        return new ExecutionAnswer(item, metadata, input, output, currentState, steps, artifacts, asOf);
    }

    ExecutionAnswer with(IncludedArtifacts artifacts) {
        return new ExecutionAnswer(item, metadata, input, output, currentState, steps, artifacts, asOf);
    }

    /**
     * The first steps.
     *
     * @param steps left out when they were not asked for
     * @param stepsCursor where they go on at the list of steps; left out when they do not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record IncludedSteps(
            @Nullable List<StepItem> steps, @Nullable String stepsCursor) {
        static final IncludedSteps NONE = new IncludedSteps(null, null);

        static IncludedSteps of(PageOf<StepItem> page) {
            return new IncludedSteps(page.items(), page.nextCursor());
        }
    }

    /**
     * The first artifacts.
     *
     * @param artifacts left out when they were not asked for
     * @param artifactsCursor where they go on at the list of artifacts; left out when they do not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record IncludedArtifacts(
            @Nullable List<ArtifactAnswer> artifacts,
            @Nullable String artifactsCursor) {
        static final IncludedArtifacts NONE = new IncludedArtifacts(null, null);

        static IncludedArtifacts of(PageOf<ArtifactAnswer> page) {
            return new IncludedArtifacts(page.items(), page.nextCursor());
        }
    }
}
