package dev.runledger.query.artifact;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.Reads;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads artifacts: of one execution, and across executions. */
@Component
public class ArtifactQueries {

    /** The parameters of the list of one execution's artifacts. */
    static final Set<String> OF_EXECUTION = Set.of("type", "name", QueryParameters.LIMIT, QueryParameters.CURSOR);

    /** The parameters of the list across executions. */
    static final Set<String> ACROSS_EXECUTIONS = Set.of(
            "type",
            "name",
            "workflow",
            "recordedAfter",
            "recordedBefore",
            QueryParameters.LIMIT,
            QueryParameters.CURSOR);

    private final JdbcClient jdbc;
    private final Reads reads;

    ArtifactQueries(JdbcClient jdbc, Reads reads) {
        this.jdbc = jdbc;
        this.reads = reads;
    }

    /** The first artifacts of an execution, oldest first, with their metadata. */
    public PageOf<ArtifactAnswer> first(ExecutionId execution, int limit) {
        return reads.inTurn(() -> scan(execution)
                .page(
                        jdbc,
                        ArtifactItem.COLUMNS + ", e.metadata",
                        "read_model.artifacts",
                        null,
                        limit,
                        ArtifactAnswer::read));
    }

    PageOf<ArtifactItem> ofExecution(ExecutionId execution, QueryParameters given) {
        var scan = scan(execution);
        filterText(scan, given, "type", "e.type = :type");
        filterText(scan, given, "name", "e.name = :name");
        return page(scan, given);
    }

    PageOf<ArtifactItem> acrossExecutions(String namespace, QueryParameters given) {
        var scan = new OrderedScan("-position", List.of(new Key("position", Type.NUMBER)), true)
                .scan("e.namespace = :namespace")
                .with("namespace", namespace);
        // The index of the first of these that is given is scanned; the others are looked at row by row.
        var free = true;
        free = equal(scan, free, given, "name", "e.name = :name");
        free = equal(scan, free, given, "workflow", "e.workflow = :workflow");
        equal(scan, free, given, "type", "e.type = :type");
        filterTime(scan, given, "recordedAfter", "e.recorded_at > :recordedAfter");
        filterTime(scan, given, "recordedBefore", "e.recorded_at < :recordedBefore");
        return page(scan, given);
    }

    private static OrderedScan scan(ExecutionId execution) {
        return new OrderedScan("version", List.of(new Key("version", Type.NUMBER)), false)
                .scan("e.namespace = :namespace")
                .scan("e.execution_id = :id")
                .with("namespace", execution.namespace())
                .with("id", execution.id());
    }

    private PageOf<ArtifactItem> page(OrderedScan scan, QueryParameters given) {
        return reads.inTurn(() -> scan.page(
                jdbc, ArtifactItem.COLUMNS, "read_model.artifacts", given.cursor(), given.limit(), ArtifactItem::read));
    }

    /** @return whether the index to scan is still free */
    private static boolean equal(OrderedScan scan, boolean free, QueryParameters given, String name, String sql) {
        var value = given.text(name);
        if (value == null) {
            return free;
        }
        if (free) {
            // The parameter has the column's name.
            scan.drive(name, name, value);
        } else {
            scan.filter(sql).with(name, value);
        }
        return false;
    }

    private static void filterText(OrderedScan scan, QueryParameters given, String name, String sql) {
        var value = given.text(name);
        if (value != null) {
            scan.filter(sql).with(name, value);
        }
    }

    private static void filterTime(OrderedScan scan, QueryParameters given, String name, String sql) {
        var time = given.time(name);
        if (time != null) {
            scan.filter(sql).with(name, time.atOffset(ZoneOffset.UTC));
        }
    }
}
