package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.query.ReadModelSchema;
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

    private static final int FETCHED_AT_ONCE = 1_000;

    private static final Pattern AFTER_UNDERSCORE = Pattern.compile("_(.)");

    private static final TypeReference<LinkedHashMap<String, Object>> KEY = new TypeReference<>() {};

    /** Which executions are compared, as the rows of a table {@code scope(namespace, execution_id)}. */
    enum Scope {
        /** Those in it. */
        ONLY,
        /** All others. */
        ALL_BUT
    }

    private record Column(String name, boolean key, boolean json) {

        String value(String of) {
            return of + "." + name + (json ? "::text" : "");
        }
    }

    private final JdbcTemplate jdbc;
    private final Scope scope;
    private final List<DriftReport.Example> examples = new ArrayList<>();
    private long executions;
    private long missing;
    private long extra;
    private long different;

    /** @param jdbc in a transaction that sees one state of both, with a temporary table {@code scope} */
    TableComparison(JdbcTemplate jdbc, Scope scope) {
        this.jdbc = jdbc;
        this.scope = scope;
    }

    /** Compares every table; what was found before is kept. */
    void compare() {
        var counted = jdbc.queryForObject("select count(*) from executions e where " + inScope("e"), Long.class);
        executions += counted == null ? 0 : counted;
        ReadModelSchema.TABLES.forEach(this::compare);
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

    private void compare(String table) {
        var columns = commonColumns(table);
        var fetchSize = jdbc.getFetchSize();
        jdbc.setFetchSize(FETCHED_AT_ONCE);
        try {
            jdbc.query(statement(table, columns), row -> {
                found(table, row);
            });
        } finally {
            jdbc.setFetchSize(fetchSize);
        }
    }

    private List<Column> commonColumns(String table) {
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

    private String statement(String table, List<Column> columns) {
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
                + " from (select * from " + table + " e where " + inScope("e") + ") e"
                + " full join (select * from read_model." + table + " a where " + inScope("a") + ") a on "
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

    private String inScope(String of) {
        return switch (scope) {
            case ONLY ->
                "(" + of + ".namespace, " + of + ".execution_id) in (select namespace, execution_id from scope)";
            case ALL_BUT ->
                "not exists (select from scope s where s.namespace = " + of + ".namespace and s.execution_id = " + of
                        + ".execution_id)";
        };
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
