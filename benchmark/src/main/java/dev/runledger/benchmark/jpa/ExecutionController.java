package dev.runledger.benchmark.jpa;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.PageRequest;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The ledger's two most asked questions, answered the way Spring Data suggests. */
@RestController
class ExecutionController {

    private static final String NAMESPACE = "default";

    private final ExecutionRows rows;
    private final ExecutionLines lines;

    ExecutionController(ExecutionRows rows, ExecutionLines lines) {
        this.rows = rows;
        this.lines = lines;
    }

    record Slice(List<ExecutionLine> items, boolean more) {}

    @GetMapping("/api/v1/executions/{executionId}")
    ResponseEntity<ExecutionRow> one(@PathVariable UUID executionId) {
        return ResponseEntity.of(rows.findById(new ExecutionKey(NAMESPACE, executionId)));
    }

    @GetMapping("/api/v1/executions")
    Slice list(@RequestParam String status, @RequestParam int limit, @RequestParam(defaultValue = "0") int page) {
        var slice = lines.findByKeyNamespaceAndStatusOrderByCreatedAtDescKeyExecutionIdDesc(
                NAMESPACE, status, PageRequest.of(page, limit));
        return new Slice(slice.getContent(), slice.hasNext());
    }
}
