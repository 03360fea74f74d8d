package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.CheckpointView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Cursor;
import dev.runledger.query.FoldedList;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import dev.runledger.query.past.Past;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** Reads the checkpoints of one execution. */
@Component
class CheckpointQueries {

    private static final String BY_VERSION = "version";

    private static final FoldedList<CheckpointView> FOLDED =
            FoldedList.ascending(BY_VERSION, 1, checkpoint -> new long[] {checkpoint.version()});

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

    PageOf<CheckpointItem> list(Past past, QueryParameters given) {
        var view = past.view();
        return FOLDED.page(view.checkpoints().stream(), given.cursor(), given.limit(), checkpoint -> 0)
                .map(checkpoint -> CheckpointItem.of(view.header().id(), checkpoint))
                .of(past.asOf());
    }

    /**
     * The one that was to be resumed from then.
     *
     * @throws QueryProblem when the execution had none then
     */
    CheckpointAnswer latest(Past past) {
        var checkpoints = past.view().checkpoints();
        var id = past.view().header().id();
        if (checkpoints.isEmpty()) {
            throw QueryProblem.notFound("checkpoint of the execution " + id.id() + " "
                    + past.moment().text());
        }
        var latest = checkpoints.getLast();
        return new CheckpointAnswer(
                CheckpointItem.of(id, latest), latest.content().state(), past.asOf());
    }
}
