package dev.runledger.query;

import dev.runledger.eventstore.EventLog;
import java.util.Collection;
import java.util.stream.Collectors;

/** How much of a row's JSON and text a statement would read, without reading it. */
public final class RowWeight {

    private RowWeight() {}

    /**
     * SQL for the bytes that {@code columns} of {@code alias} have together at most: what is compressed may be up to 91
     * times as long, and no value is longer than the event that brought it, as in the log's {@code read_cost}: a number
     * of a command may be twice as long when it is written out. 0 without columns.
     */
    public static String of(String alias, Collection<String> columns) {
        return columns.isEmpty()
                ? "0"
                : columns.stream().map(column -> of(alias, column)).collect(Collectors.joining(" + "));
    }

    private static String of(String alias, String column) {
        return """
                coalesce(
                  case when pg_column_compression(%1$s.%2$s) is null then pg_column_size(%1$s.%2$s)
                    else least(pg_column_size(%1$s.%2$s) * 91, %3$s) end, 0)""".formatted(alias, column, EventLog.MAX_PAYLOAD_BYTES);
    }
}
