package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which statements make the indexes, and in which order. */
class ReadModelSchemaTest {

    @Test
    void ordersAllIndexesByTheirTables() {
        assertThat(ReadModelSchema.indexes(ReadModelSchema.TABLES))
                .containsExactlyInAnyOrderElementsOf(ReadModelSchema.indexes());
        assertThat(ReadModelSchema.indexes(List.of("artifacts", "steps")).getFirst())
                .contains(" on artifacts ");
    }

    @Test
    void leavesOutNoIndexWhoseTableItDoesNotSee() {
        var statements = List.of(
                "create index a on only executions (namespace)",
                "create index b on steps using gin (name)",
                "create index c on others (namespace)",
                "create index d on executions (namespace)");
        assertThat(ReadModelSchema.ordered(statements, List.of("executions", "steps")))
                .containsExactly(statements.get(3), statements.get(1), statements.get(0), statements.get(2));
    }
}
