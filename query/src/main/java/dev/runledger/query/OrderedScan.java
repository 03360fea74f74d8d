package dev.runledger.query;

import dev.runledger.events.EventJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * One page of a list as one statement that looks at a bounded number of rows: a range of one index, in the order of the
 * list, cut at {@link #BOUND} rows inside a derived table, and all other filters outside of it. A page that met the
 * bound may be short, even empty, and still have a next one.
 *
 * <p>The statement is put together from the fixed texts of the callers; what a request says is only ever bound.
 */
public final class OrderedScan {

    /** A page looks at no more rows than this. */
    public static final int BOUND = 20_000;

    /** What a key column holds, and how a cursor writes it. */
    public enum Type {
        TIME("timestamptz", Instant::parse),
        UUID("uuid", java.util.UUID::fromString),
        NUMBER("bigint", Long::parseLong);

        private final String sql;
        private final Function<String, Object> parse;

        Type(String sql, Function<String, Object> parse) {
            this.sql = sql;
            this.parse = parse;
        }

        boolean accepts(String text) {
            try {
                // Written as this class writes it: nothing that the database would refuse.
                var value = parse.apply(text);
                if (value instanceof Instant time && !QueryParameters.isStorable(time)) {
                    return false;
                }
                return (value instanceof Instant time ? EventJson.format(time) : value.toString()).equals(text);
            } catch (RuntimeException e) {
                return false;
            }
        }
    }

    /** What is weighed of an alias, or of columns; a few, which callers name. */
    private record Weighed(String from, List<String> names) {}

    private static final Map<Weighed, String> COSTS = new ConcurrentHashMap<>();
    private static final Map<Weighed, String> LIGHT = new ConcurrentHashMap<>();
    private static final Map<List<String>, String> ARE_LIGHT = new ConcurrentHashMap<>();

    /** A column of the scanned table; together they are never null and unique in the list. */
    public record Key(String column, Type type) {}

    private final String order;
    private final List<Key> keys;
    private final boolean descending;
    private final List<String> driving = new ArrayList<>();
    private final List<String> drivingValues = new ArrayList<>();
    private final List<String> scanned = new ArrayList<>();
    private final List<String> filters = new ArrayList<>();
    private final Map<String, @Nullable Object> parameters = new HashMap<>();
    private final List<String> weighed = new ArrayList<>();
    private @Nullable String expected;
    private int bound = BOUND;

    /** @param order names the order in cursors */
    public OrderedScan(String order, List<Key> keys, boolean descending) {
        this.order = order;
        this.keys = List.copyOf(keys);
        this.descending = descending;
    }

    /**
     * Scans the index in which {@code column} comes before the keys, where it equals the parameter {@code name}.
     *
     * <p>Written as a range and as part of the order: with a plain equality the planner may walk another index that has
     * the order alone, and pass over any number of rows on the way.
     */
    public OrderedScan drive(String column, String name, Object value) {
        driving.add(column);
        drivingValues.add(":" + name);
        return with(name, value);
    }

    /** Narrows the range of the index that is scanned. */
    public OrderedScan scan(String condition) {
        scanned.add(condition);
        return this;
    }

    /** Leaves out rows that were scanned. */
    public OrderedScan filter(String condition) {
        filters.add(condition);
        return this;
    }

    /**
     * Leaves out rows that were scanned, of which there are few where nothing else is left out: such a page is read as
     * if there were none, and read again where there is one.
     */
    public OrderedScan expect(String condition) {
        this.expected = condition;
        return this;
    }

    /** Binds a value that the conditions name. */
    public OrderedScan with(String name, Object value) {
        parameters.put(name, value);
        return this;
    }

    /**
     * Ends a page after the row with which the columns {@code names} of the answer, of JSON or text, come to
     * {@link PageOf#BYTES}, by what they can be at most.
     */
    public OrderedScan weigh(String... names) {
        weighed.addAll(List.of(names));
        return this;
    }

    /** The cursor that begins behind a row with these keys, which need not be there. */
    public String cursorAfter(List<String> key) {
        return Cursor.of(order, key);
    }

    /** Looks at no more rows than this in place of {@link #BOUND}. */
    public OrderedScan boundedBy(int rows) {
        this.bound = rows;
        return this;
    }

    /**
     * The page after {@code cursor}.
     *
     * @param columns of the row alias {@code e} that the answer and the filters need, without the keys; the answer's
     *     first columns, in their order
     * @param table that is scanned, under the alias {@code e}
     */
    public <T> PageOf<T> page(
            JdbcClient jdbc, String columns, String table, @Nullable String cursor, int limit, RowMapper<T> row) {
        var range = range(cursor);
        if (filters.isEmpty()) {
            return lightPage(jdbc, columns, table, range, limit, row)
                    .orElseGet(() -> weighedPage(jdbc, columns, table, range, limit, row));
        }
        return weighedPage(jdbc, columns, table, range, limit, row);
    }

    /**
     * The page, where all of its rows are light enough for it to have room for all and none is left out; empty otherwise.
     * A row that is not light is read without what makes it heavy.
     */
    private <T> Optional<PageOf<T>> lightPage(
            JdbcClient jdbc, String columns, String table, String range, int limit, RowMapper<T> row) {
        var names = keyNames(columns);
        var sql = String.join(
                "",
                "select ",
                lightOnly(columns),
                ", ",
                otherKeys(names),
                expected == null ? "true" : expected,
                " as matches, ",
                weighed.isEmpty() ? "true" : isLight(weighed),
                " as light\nfrom ",
                table,
                " e\nwhere ",
                range,
                "\norder by ",
                order(),
                "\nlimit :limit\n");
        var statement = jdbc.sql(sql).param("limit", limit + 1).params(parameters);
        if (!weighed.isEmpty()) {
            statement = statement.param("light", PageOf.BYTES / (limit + 1) / weighed.size());
        }
        return statement.query((ResultSetExtractor<Optional<PageOf<T>>>) rows -> {
            var matches = rows.findColumn("matches");
            var light = rows.findColumn("light");
            var items = new ArrayList<T>();
            List<String> last = null;
            var all = true;
            var looked = 0;
            while (rows.next()) {
                if (!rows.getBoolean(light)) {
                    return Optional.empty();
                }
                all &= rows.getBoolean(matches);
                if (rows.getBoolean(matches) && looked < limit) {
                    items.add(row.mapRow(rows, looked));
                }
                if (++looked == limit) {
                    last = key(rows, names);
                }
            }
            if (looked <= limit) {
                return Optional.of(new PageOf<>(items, null));
            }
            return all
                    ? Optional.of(new PageOf<>(items, Cursor.of(order, Objects.requireNonNull(last))))
                    : Optional.empty();
        });
    }

    private <T> PageOf<T> weighedPage(
            JdbcClient jdbc, String columns, String table, String range, int limit, RowMapper<T> row) {
        var filtered = filter();
        var sql = filtered.equals("true")
                ? """
                select %s, %s, true as matches, 0 as scanned
                from %s e
                where %s
                order by %s
                limit :limit
                """.formatted(columns, keyColumns(), table, range, order())
                : """
                select e.*
                from (
                  select e.*, (%s) as matches
                  from (
                    select %s, %s, row_number() over (order by %s) as scanned
                    from %s e
                    where %s
                    order by %s
                    limit :bound
                  ) e
                ) e
                where e.matches or e.scanned = :bound
                order by %s
                limit :limit
                """.formatted(filtered, columns, keyColumns(), order(), table, range, order(), orderOf("e"));
        // What was looked at in vain for a light page counts.
        return run(jdbc, sql, filters.isEmpty() ? bound - limit - 1 : bound, limit, row);
    }

    /**
     * The page after {@code cursor}, found by way of another table that has the keys.
     *
     * @param columns of the row alias {@code e} that the answer and the filters need, without the keys
     * @param table that is scanned, under the alias {@code e}
     * @param lookup the select of the one row that belongs to the scanned row {@code k}, or of none where it is left out
     */
    public <T> PageOf<T> pageThrough(
            JdbcClient jdbc,
            String columns,
            String table,
            String lookup,
            @Nullable String cursor,
            int limit,
            RowMapper<T> row) {
        return pageThrough(jdbc, columns, table, "", lookup, cursor, limit, row);
    }

    /**
     * As {@link #pageThrough(JdbcClient, String, String, String, String, int, RowMapper)}, where the answer and the filters
     * need more than the keys of the other table.
     *
     * @param carried those columns of the scanned table, under names that are in no other; each begins with a comma
     */
    public <T> PageOf<T> pageThrough(
            JdbcClient jdbc,
            String columns,
            String table,
            String carried,
            String lookup,
            @Nullable String cursor,
            int limit,
            RowMapper<T> row) {
        var sql = """
                select e.*
                from (
                  select %s, %s, k.scanned, (%s) as matches
                  from (
                    select %s%s, row_number() over (order by %s) as scanned
                    from %s e
                    where %s
                    order by %s
                    limit :bound
                  ) k
                  left join lateral (
                    %s
                    offset 0
                  ) e on true
                ) e
                where e.matches or e.scanned = :bound
                order by %s
                limit :limit
                """.formatted(
                        columns,
                        renamedKeys("k"),
                        filter(),
                        keyColumns(),
                        carried,
                        order(),
                        table,
                        range(cursor),
                        order(),
                        lookup,
                        orderOf("e"));
        return run(jdbc, sql, bound, limit, row);
    }

    private <T> PageOf<T> run(JdbcClient jdbc, String unweighed, int bound, int limit, RowMapper<T> row) {
        var sql = """
                select w.*
                from (
                  select e.*, sum(e.cost) over (order by %s rows unbounded preceding) as bytes
                  from (
                    select i.*, %s as cost
                    from (
                      %s
                    ) i
                  ) e
                ) w
                where w.bytes - w.cost < :pageBytes
                order by %s
                """.formatted(orderOf("e"), cost("i"), unweighed, orderOf("w"));
        var statement = jdbc.sql(sql).param("pageBytes", PageOf.BYTES).param("limit", limit + 1);
        if (sql.contains(":bound")) {
            statement = statement.param("bound", bound);
        }
        var rows = statement
                .params(parameters)
                .query((result, number) -> new Scanned<>(
                        result.getBoolean("matches") ? row.mapRow(result, number) : null,
                        key(result),
                        result.getBoolean("matches"),
                        result.getLong("scanned"),
                        result.getLong("bytes")))
                .list();
        var matching = rows.stream().filter(Scanned::matches).toList();
        var items = matching.stream()
                .limit(limit)
                .map(scanned -> Objects.requireNonNull(scanned.item()))
                .toList();
        if (matching.size() > limit) {
            return new PageOf<>(items, Cursor.of(order, matching.get(limit - 1).key()));
        }
        var metBound = !rows.isEmpty()
                && (rows.getLast().scanned() == bound || rows.getLast().bytes() >= PageOf.BYTES);
        return new PageOf<>(items, metBound ? Cursor.of(order, rows.getLast().key()) : null);
    }

    private String filter() {
        var all = new ArrayList<>(filters);
        if (expected != null) {
            all.add(expected);
        }
        return all.isEmpty() ? "true" : String.join(" and ", all);
    }

    private record Scanned<T>(@Nullable T item, List<String> key, boolean matches, long scanned, long bytes) {}

    private String range(@Nullable String cursor) {
        var after = Cursor.key(cursor, order, keys);
        var conditions = new ArrayList<>(scanned);
        var columns = new ArrayList<>(driving);
        var values = new ArrayList<>(drivingValues);
        if (!driving.isEmpty()) {
            driving.forEach(column -> conditions.add(column + " is not null"));
            conditions.add(compared(columns, descending ? ">=" : "<=", values));
        }
        if (after != null) {
            for (var i = 0; i < keys.size(); i++) {
                columns.add(keys.get(i).column());
                values.add("cast(:key" + i + " as " + keys.get(i).type().sql + ")");
                parameters.put("key" + i, after.get(i));
            }
            conditions.add(compared(columns, descending ? "<" : ">", values));
        } else if (!driving.isEmpty()) {
            conditions.add(compared(columns, descending ? "<=" : ">=", values));
        }
        return String.join("\n  and ", conditions);
    }

    private String cost(String alias) {
        return COSTS.computeIfAbsent(
                new Weighed(alias, List.copyOf(weighed)), of -> RowWeight.of(of.from(), of.names()));
    }

    /** {@code columns}, with null in place of what is weighed and not light. */
    private String lightOnly(String columns) {
        return weighed.isEmpty()
                ? columns
                : LIGHT.computeIfAbsent(
                        new Weighed(columns, List.copyOf(weighed)),
                        of -> Pattern.compile("\\be\\.(" + String.join("|", of.names()) + ")\\b")
                                .matcher(of.from())
                                .replaceAll(found ->
                                        "case when " + isLight(List.of(found.group(1))) + " then e.$1 end as $1"));
    }

    /** Most values are so short that it takes one look to tell. */
    private static String isLight(List<String> names) {
        return ARE_LIGHT.computeIfAbsent(
                List.copyOf(names),
                of -> of.stream()
                        .map(name -> "coalesce(pg_column_size(e." + name + ") * 91 <= :light or "
                                + RowWeight.of("e", List.of(name)) + " <= :light, true)")
                        .collect(Collectors.joining(" and ")));
    }

    /** What the keys are called in an answer of {@code columns}: as there, or as {@link #otherKeys} call them. */
    private List<String> keyNames(String columns) {
        var names = new ArrayList<String>();
        for (var i = 0; i < keys.size(); i++) {
            var column = keys.get(i).column();
            names.add(columns.contains("e." + column + ",") ? column : "key" + i);
        }
        return names;
    }

    /** The columns of the keys that are called something else; each ends with a comma. */
    private String otherKeys(List<String> names) {
        var others = new StringBuilder();
        for (var i = 0; i < keys.size(); i++) {
            if (names.get(i).equals("key" + i)) {
                others.append(keys.get(i).column()).append(" as key").append(i).append(", ");
            }
        }
        return others.toString();
    }

    private static String compared(List<String> columns, String operator, List<String> values) {
        return "(" + String.join(", ", columns) + ") " + operator + " (" + String.join(", ", values) + ")";
    }

    private String order() {
        return Stream.concat(driving.stream(), keys.stream().map(Key::column))
                .map(column -> descending ? column + " desc" : column)
                .collect(Collectors.joining(", "));
    }

    /** The same order over the renamed columns: known to be kept, so that the statement ends with the page. */
    private String orderOf(String alias) {
        var columns = new ArrayList<String>();
        for (var i = 0; i < driving.size(); i++) {
            columns.add(alias + ".lead" + i);
        }
        for (var i = 0; i < keys.size(); i++) {
            columns.add(alias + ".key" + i);
        }
        return columns.stream()
                .map(column -> descending ? column + " desc" : column)
                .collect(Collectors.joining(", "));
    }

    private String keyColumns() {
        var columns = new ArrayList<String>();
        for (var i = 0; i < driving.size(); i++) {
            columns.add(driving.get(i) + " as lead" + i);
        }
        for (var i = 0; i < keys.size(); i++) {
            columns.add(keys.get(i).column() + " as key" + i);
        }
        return String.join(", ", columns);
    }

    private String renamedKeys(String alias) {
        var columns = new ArrayList<String>();
        for (var i = 0; i < driving.size(); i++) {
            columns.add(alias + ".lead" + i);
        }
        for (var i = 0; i < keys.size(); i++) {
            columns.add(alias + ".key" + i);
        }
        return String.join(", ", columns);
    }

    private List<String> key(ResultSet row) throws SQLException {
        return key(row, IntStream.range(0, keys.size()).mapToObj(i -> "key" + i).toList());
    }

    private List<String> key(ResultSet row, List<String> names) throws SQLException {
        var key = new ArrayList<String>();
        for (var i = 0; i < keys.size(); i++) {
            var name = names.get(i);
            key.add(
                    switch (keys.get(i).type()) {
                        case TIME -> EventJson.format(Objects.requireNonNull(Columns.time(row, name)));
                        case UUID -> row.getObject(name, UUID.class).toString();
                        case NUMBER -> String.valueOf(row.getLong(name));
                    });
        }
        return key;
    }
}
