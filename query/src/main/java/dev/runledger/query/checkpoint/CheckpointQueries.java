package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Cursor;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** Reads the checkpoints of one execution. */
@Component
class CheckpointQueries {

    private static final String BY_VERSION = "version";

    private final CheckpointRepository checkpoints;
    private final Reads reads;

    CheckpointQueries(CheckpointRepository checkpoints, Reads reads) {
        this.checkpoints = checkpoints;
        this.reads = reads;
    }

    PageOf<CheckpointItem> list(ExecutionId execution, QueryParameters given) {
        var after = given.cursor() == null ? 0 : Cursor.after(given.cursor(), BY_VERSION);
        var limit = given.limit();
        var rows = reads.ofTables(() -> checkpoints.findByNamespaceAndExecutionIdAndVersionGreaterThanOrderByVersion(
                execution.namespace(), execution.id(), after, Limit.of(limit + 1)));
        return Cursor.page(rows, limit, BY_VERSION, CheckpointItem::version, null);
    }

    /**
     * The one to resume from.
     *
     * @throws QueryProblem when the execution has none
     */
    CheckpointAnswer latest(ExecutionId execution) {
        return reads.ofTables(() -> checkpoints.findFirstByNamespaceAndExecutionIdOrderByVersionDesc(
                        execution.namespace(), execution.id()))
                .orElseThrow(() -> QueryProblem.notFound("checkpoint of the execution " + execution.id()))
                .answer();
    }
}
