package dev.runledger.query.execution;

import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.QueryProblem;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The orders of a list of executions; those that are not of the creation list only what has started or ended. */
enum ExecutionOrder {
    NEWEST("-createdAt", "created_at", Type.TIME, true),
    OLDEST("createdAt", "created_at", Type.TIME, false),
    LAST_STARTED("-startedAt", "started_at", Type.TIME, true),
    FIRST_STARTED("startedAt", "started_at", Type.TIME, false),
    LAST_ENDED("-endedAt", "ended_at", Type.TIME, true),
    FIRST_ENDED("endedAt", "ended_at", Type.TIME, false),
    LONGEST("-durationMs", "duration_ms", Type.NUMBER, true),
    SHORTEST("durationMs", "duration_ms", Type.NUMBER, false);

    private final String parameter;
    private final String column;
    private final Type type;
    private final boolean descending;

    ExecutionOrder(String parameter, String column, Type type, boolean descending) {
        this.parameter = parameter;
        this.column = column;
        this.type = type;
        this.descending = descending;
    }

    /** The order named by {@code sort}, newest first where it is null. */
    static ExecutionOrder of(@Nullable String sort) {
        if (sort == null) {
            return NEWEST;
        }
        return Arrays.stream(values())
                .filter(order -> order.parameter.equals(sort))
                .findFirst()
                .orElseThrow(() -> QueryProblem.badParameter(
                        "sort",
                        "is none of "
                                + Arrays.stream(values())
                                        .map(order -> order.parameter)
                                        .collect(Collectors.joining(", "))));
    }

    String column() {
        return column;
    }

    boolean byCreation() {
        return column.equals("created_at");
    }

    /** What holds for the rows of its index. */
    String present() {
        return "e." + column + " is not null";
    }

    OrderedScan scan() {
        return new OrderedScan(
                parameter, List.of(new Key(column, type), new Key("execution_id", Type.UUID)), descending);
    }
}
