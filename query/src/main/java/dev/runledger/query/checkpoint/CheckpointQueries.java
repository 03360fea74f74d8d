package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the checkpoints of one execution. */
@Component
class CheckpointQueries {

    private final JdbcClient jdbc;
    private final Reads reads;

    CheckpointQueries(JdbcClient jdbc, Reads reads) {
        this.jdbc = jdbc;
        this.reads = reads;
    }

    PageOf<CheckpointAnswer.Item> list(ExecutionId execution, QueryParameters given) {
        var scan = new OrderedScan("version", List.of(new Key("version", Type.NUMBER)), false)
                .scan("e.namespace = :namespace")
                .scan("e.execution_id = :id")
                .with("namespace", execution.namespace())
                .with("id", execution.id());
        return reads.inTurn(() -> scan.page(
                jdbc,
                "e.checkpoint_id, e.execution_id, e.step_id, e.iteration, e.version, e.recorded_at",
                "read_model.checkpoints",
                given.cursor(),
                given.limit(),
                CheckpointAnswer.Item::read));
    }

    /**
     * The one to resume from.
     *
     * @throws QueryProblem when the execution has none
     */
    CheckpointAnswer latest(ExecutionId execution) {
        return reads.inTurn(() -> jdbc.sql("""
                        select checkpoint_id, execution_id, step_id, iteration, version, recorded_at, state
                        from read_model.checkpoints
                        where namespace = :namespace
                          and execution_id = :id
                        order by version desc
                        limit 1
                        """)
                        .param("namespace", execution.namespace())
                        .param("id", execution.id())
                        .query(CheckpointAnswer::read)
                        .optional())
                .orElseThrow(() -> QueryProblem.notFound("checkpoint of the execution " + execution.id()));
    }
}
