package dev.runledger.query.artifact;

import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Cursor;
import dev.runledger.query.FoldedList;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.ReadConnections;
import dev.runledger.query.Reads;
import dev.runledger.query.past.Past;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads artifacts: of one execution, and across executions. */
@Component
public class ArtifactQueries {

    private static final String BY_VERSION = "version";

    /** Half of a request's bound goes into finding where a filtered page must end, half into the page. */
    private static final int LOOKED_THROUGH = OrderedScan.BOUND / 2;

    private static final FoldedList<ArtifactView> FOLDED =
            FoldedList.ascending(BY_VERSION, 1, artifact -> new long[] {artifact.version()});

    private final ArtifactRepository artifacts;
    private final JdbcClient pages;
    private final Reads reads;

    ArtifactQueries(ArtifactRepository artifacts, ReadConnections connections, Reads reads) {
        this.artifacts = artifacts;
        this.pages = connections.client();
        this.reads = reads;
    }

    /** The first artifacts of an execution, oldest first, with their metadata; fewer where that is long. */
    public PageOf<ArtifactAnswer> first(ExecutionId execution, int limit) {
        var scan = new OrderedScan(BY_VERSION, List.of(new Key("version", Type.NUMBER)), false)
                .scan("e.namespace = :namespace")
                .scan("e.execution_id = :id")
                .with("namespace", execution.namespace())
                .with("id", execution.id())
                .weigh("metadata");
        return reads.ofTables(() ->
                scan.page(pages, ArtifactAnswer.COLUMNS, "read_model.artifacts", null, limit, ArtifactAnswer::read));
    }

    PageOf<ArtifactItem> ofExecution(ExecutionId execution, QueryParameters given) {
        var after = given.cursor() == null ? 0 : Cursor.after(given.cursor(), BY_VERSION);
        var limit = given.limit();
        var filters = Stream.of("type", "name")
                .filter(name -> given.text(name) != null)
                .map(name -> ArtifactRepository.with(name, Objects.requireNonNull(given.text(name))))
                .toList();
        return reads.ofTables(() -> {
            var range = ArtifactRepository.ofExecution(execution.namespace(), execution.id(), after);
            var end = filters.isEmpty()
                    ? null
                    : artifacts
                            .versionBehind(execution.namespace(), execution.id(), after, LOOKED_THROUGH - 1)
                            .orElse(null);
            var looked = end == null ? range : range.and(ArtifactRepository.upTo(end));
            var rows = artifacts.findBy(
                    looked.and(Specification.allOf(filters)),
                    query -> query.as(ArtifactItem.class)
                            .sortBy(Sort.by(BY_VERSION))
                            .limit(limit + 1)
                            .all());
            return Cursor.page(rows, limit, BY_VERSION, ArtifactItem::version, end);
        });
    }

    /** As {@link #first(ExecutionId, int)}, of the past. */
    public PageOf<ArtifactAnswer> first(Past past, int limit) {
        var view = past.view();
        return FOLDED.page(
                        view.artifacts().stream(),
                        null,
                        limit,
                        artifact -> FoldedList.bytes(artifact.content().metadata()))
                .map(artifact -> ArtifactAnswer.of(view.header().id(), artifact))
                .of(past.asOf());
    }

    PageOf<ArtifactItem> ofExecution(Past past, QueryParameters given) {
        var type = given.text("type");
        var name = given.text("name");
        var view = past.view();
        var matching = view.artifacts().stream()
                .filter(artifact -> (type == null
                                || type.equals(artifact.content().type()))
                        && (name == null || name.equals(artifact.content().name())));
        return FOLDED.page(matching, given.cursor(), given.limit(), artifact -> 0)
                .map(artifact -> ArtifactItem.of(view.header().id(), artifact))
                .of(past.asOf());
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

    private PageOf<ArtifactItem> page(OrderedScan scan, QueryParameters given) {
        return reads.ofTables(() -> scan.page(
                pages,
                ArtifactItem.COLUMNS,
                "read_model.artifacts",
                given.cursor(),
                given.limit(),
                ArtifactItem::read));
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

    private static void filterTime(OrderedScan scan, QueryParameters given, String name, String sql) {
        var time = given.time(name);
        if (time != null) {
            scan.filter(sql).with(name, time.atOffset(ZoneOffset.UTC));
        }
    }
}
