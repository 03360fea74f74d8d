package dev.runledger.query;

import dev.runledger.events.execution.ExecutionId;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Tells whether an execution's parts can be shown. */
@Component
public class VisibleExecutions {

    private final JdbcClient jdbc;
    private final Reads reads;

    VisibleExecutions(ReadConnections connections, Reads reads) {
        this.jdbc = connections.client();
        this.reads = reads;
    }

    /**
     * Makes sure that the execution {@code id} can be shown.
     *
     * @throws QueryProblem when there is none, or it was erased
     */
    public void mustExist(ExecutionId id) {
        var erased = reads.ofTables(() -> jdbc.sql("""
                        select erased
                        from read_model.executions
                        where (namespace, execution_id) >= (:namespace, :id)
                          and (namespace, execution_id) <= (:namespace, :id)
                        order by namespace, execution_id
                        """)
                        .param("namespace", id.namespace())
                        .param("id", id.id())
                        .query(Boolean.class)
                        .optional())
                .orElseThrow(() -> QueryProblem.notFound("execution " + id.id()));
        if (erased) {
            throw QueryProblem.erased(id.id());
        }
    }
}
