package dev.runledger.query.projection;

import dev.runledger.query.artifact.ArtifactProjection;
import dev.runledger.query.checkpoint.CheckpointProjection;
import dev.runledger.query.execution.ExecutionProjection;
import dev.runledger.query.step.StepProjection;
import org.springframework.jdbc.core.JdbcTemplate;

/** The tables that a fold writes: those to which the search path of its connection leads. */
record ReadModelTables(
        ExecutionProjection executions,
        StepProjection steps,
        ArtifactProjection artifacts,
        CheckpointProjection checkpoints) {

    static ReadModelTables of(JdbcTemplate jdbc) {
        return new ReadModelTables(
                new ExecutionProjection(jdbc),
                new StepProjection(jdbc),
                new ArtifactProjection(jdbc),
                new CheckpointProjection(jdbc));
    }
}
