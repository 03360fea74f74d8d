package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;

/**
 * Compares the tables to which the search path leads, made from the log, with those that are shown. Its statements are
 * put together from the names of the columns that both have, which only the catalogue knows: the two may be of different
 * code versions.
 */
final class TableComparison {

    /** More examples than this say nothing more. */
    private static final int MOST_EXAMPLES = 20;

    private static final String EXECUTIONS = "executions";

    private static final int FETCHED_AT_ONCE = 1_000;

    private static final Pattern AFTER_UNDERSCORE = Pattern.compile("_(.)");

    private static final TypeReference<LinkedHashMap<String, Object>> KEY = new TypeReference<>() {};

    /** Which executions are compared; both name some by the rows of a table {@code scope(namespace, execution_id)}. */
    sealed interface Scope {

        /** Those in it. */
        record Only() implements Scope {}

        /**
         * All others in a range of keys.
         *
         * @param after the last one before it; null when it has the first one
         * @param upTo the last one in it; null when it goes on to the end
         */
        record RangeWithout(
                @Nullable ExecutionId after, @Nullable ExecutionId upTo) implements Scope {

            /** The range itself, also of those that the scope leaves out. */
            String bounds(String of) {
                var key = "(" + of + ".namespace, " + of + ".execution_id)";
                return key + " > (?, ?)" + (upTo == null ? "" : " and " + key + " <= (?, ?)");
            }

            /** What {@link #bounds} has placeholders for. */
            List<Object> values() {
                var from = after == null
                        ? List.<Object>of("", new UUID(0, 0))
                        : List.<Object>of(after.namespace(), after.id());
                return upTo == null ? from : List.of(from.get(0), from.get(1), upTo.namespace(), upTo.id());
            }
        }

        /** The condition on the rows of the table {@code of}. */
        default String on(String of) {
            return switch (this) {
                case Only ignored ->
                    "(" + of + ".namespace, " + of + ".execution_id) in (select namespace, execution_id from scope)";
                case RangeWithout range ->
                    range.bounds(of)
                            + " and not exists (select from scope s where s.namespace = " + of
                            + ".namespace and s.execution_id = " + of + ".execution_id)";
            };
        }

        /** What {@link #on} has placeholders for. */
        default List<Object> parameters() {
            return switch (this) {
                case Only ignored -> List.of();
                case RangeWithout range -> range.values();
            };
        }
    }

    private record Column(String name, boolean key, boolean json) {

        String value(String of) {
            return of + "." + name + (json ? "::text" : "");
        }
    }

    private final List<DriftReport.Example> examples = new ArrayList<>();
    private long executions;
    private long missing;
    private long extra;
    private long different;

    /**
     * Compares tables, in a transaction that sees one state of both; what was found before is kept.
     *
     * @param jdbc with a temporary table {@code scope}
     */
    void compare(JdbcTemplate jdbc, Scope scope, List<String> tables) {
        if (tables.contains(EXECUTIONS)) {
            var counted = jdbc.queryForObject(
                    "select count(*) from executions e where " + scope.on("e"),
                    Long.class,
                    scope.parameters().toArray());
            executions += counted == null ? 0 : counted;
        }
        tables.forEach(table -> compare(jdbc, table, scope));
    }

    /** Adds what {@code other} found. */
    void add(TableComparison other) {
        executions += other.executions;
        missing += other.missing;
        extra += other.extra;
        different += other.different;
        other.examples.stream()
                .limit(Math.max(0, MOST_EXAMPLES - examples.size()))
                .forEach(examples::add);
    }

    /** All that was found. */
    DriftReport report(DriftReport.Kind kind, Instant at, long position) {
        return new DriftReport(
                kind, EventJson.format(at), position, executions, missing, extra, different, List.copyOf(examples));
    }

    private void compare(JdbcTemplate jdbc, String table, Scope scope) {
        var columns = commonColumns(jdbc, table);
        var fetchSize = jdbc.getFetchSize();
        jdbc.setFetchSize(FETCHED_AT_ONCE);
        try {
            var parameters = new ArrayList<>(scope.parameters());
            parameters.addAll(scope.parameters());
            jdbc.query(
                    statement(table, columns, scope),
                    row -> {
                        found(table, row);
                    },
                    parameters.toArray());
        } finally {
            jdbc.setFetchSize(fetchSize);
        }
    }

    private static List<Column> commonColumns(JdbcTemplate jdbc, String table) {
        return JdbcClient.create(jdbc)
                .sql("""
                        select quote_ident(e.attname) as name,
                          e.attnum = any(i.indkey) as key,
                          e.atttypid = 'json'::regtype or a.atttypid <> e.atttypid as as_text
                        from pg_attribute e
                        join pg_index i on i.indrelid = e.attrelid and i.indisprimary
                        join pg_attribute a
                          on a.attrelid = to_regclass('read_model.' || :table)
                          and a.attname = e.attname
                          and not a.attisdropped
                        where e.attrelid = to_regclass(:table)
                          and e.attnum > 0
                          and not e.attisdropped
                        order by e.attnum
                        """)
                .param("table", table)
                .query((row, number) ->
                        new Column(row.getString("name"), row.getBoolean("key"), row.getBoolean("as_text")))
                .list();
    }

    private static String statement(String table, List<Column> columns, Scope scope) {
        var keys = columns.stream().filter(Column::key).toList();
        var values = columns.stream().filter(column -> !column.key()).toList();
        var of = keys.stream()
                .filter(key -> !key.name().equals("namespace") && !key.name().equals("execution_id"))
                .map(key -> "'" + key.name() + "', coalesce(e." + key.name() + ", a." + key.name() + ")")
                .collect(Collectors.joining(", "));
        var fields = values.stream()
                .map(column -> "case when " + column.value("e") + " is distinct from " + column.value("a") + " then '"
                        + column.name() + "' end")
                .collect(Collectors.joining(", "));
        return "select coalesce(e.namespace, a.namespace) as namespace,"
                + " coalesce(e.execution_id, a.execution_id) as execution_id,"
                + " json_build_object(" + of + ")::text as key,"
                + " e.namespace is null as extra, a.namespace is null as missing,"
                + " array_remove(array[" + fields + "]::text[], null) as fields"
                + " from (select * from " + table + " e where " + scope.on("e") + ") e"
                + " full join (select * from read_model." + table + " a where " + scope.on("a") + ") a on "
                + keys.stream()
                        .map(key -> "e." + key.name() + " = a." + key.name())
                        .collect(Collectors.joining(" and "))
                + " where e.namespace is null or a.namespace is null"
                + (values.isEmpty()
                        ? ""
                        : " or (" + all(values, "e") + ") is distinct from (" + all(values, "a") + ")");
    }

    private static String all(List<Column> columns, String of) {
        return columns.stream().map(column -> column.value(of)).collect(Collectors.joining(", "));
    }

    private void found(String table, ResultSet row) throws SQLException {
        var drift = row.getBoolean("missing")
                ? DriftReport.Drift.MISSING
                : row.getBoolean("extra") ? DriftReport.Drift.EXTRA : DriftReport.Drift.DIFFERENT;
        switch (drift) {
            case MISSING -> missing++;
            case EXTRA -> extra++;
            case DIFFERENT -> different++;
        }
        if (examples.size() < MOST_EXAMPLES) {
            var fields = (String[]) row.getArray("fields").getArray();
            Map<String, Object> key = EventJson.mapper().readValue(row.getString("key"), KEY);
            var named = new LinkedHashMap<String, Object>();
            key.forEach((name, value) -> named.put(camelCase(name), value));
            examples.add(new DriftReport.Example(
                    table,
                    drift,
                    row.getString("namespace"),
                    row.getObject("execution_id", UUID.class),
                    named,
                    drift == DriftReport.Drift.DIFFERENT
                            ? List.of(fields).stream()
                                    .map(TableComparison::camelCase)
                                    .toList()
                            : List.of()));
        }
    }

    private static String camelCase(String column) {
        return AFTER_UNDERSCORE
                .matcher(column)
                .replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
    }
}
