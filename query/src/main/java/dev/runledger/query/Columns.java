package dev.runledger.query;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyIn;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgArray;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * Rows as one array for each column, so that one statement with {@code unnest} takes any number of them, or as what
 * {@code copy} takes. Both are in the server's binary form: a third of the work of writing and parsing texts.
 *
 * @param <R> what a row is made of
 */
public final class Columns<R> {

    /** From so many rows on, {@code copy} is worth its two round trips. */
    private static final int MANY = 50;

    private record Column<R>(BinaryType type, Function<R, @Nullable Object> value) {}

    private final List<Column<R>> columns = new ArrayList<>();

    /** A column of texts, of JSON (cast in the statement), or of anything else that is written as text. */
    public Columns<R> text(Function<R, @Nullable String> value) {
        return column(BinaryType.TEXT, value::apply);
    }

    /** A column of JSON texts; the statement casts it. */
    public Columns<R> json(Function<R, @Nullable Json> value) {
        return text(row -> {
            var json = value.apply(row);
            return json == null ? null : json.text();
        });
    }

    /** A column of times. */
    public Columns<R> time(Function<R, @Nullable Instant> value) {
        return column(BinaryType.TIMESTAMPTZ, value::apply);
    }

    /** A column of UUIDs. */
    public Columns<R> uuid(Function<R, @Nullable UUID> value) {
        return column(BinaryType.UUID, value::apply);
    }

    /** A column of 64-bit numbers. */
    public Columns<R> bigint(Function<R, @Nullable Long> value) {
        return column(BinaryType.INT8, value::apply);
    }

    /** A column of 32-bit numbers. */
    public Columns<R> integer(Function<R, @Nullable Integer> value) {
        return column(BinaryType.INT4, value::apply);
    }

    /** A column of truths. */
    public Columns<R> bool(Function<R, Boolean> value) {
        return column(BinaryType.BOOL, value::apply);
    }

    /** Two columns, namespace and id. */
    public Columns<R> execution(Function<R, ExecutionId> value) {
        return text(row -> value.apply(row).namespace())
                .uuid(row -> value.apply(row).id());
    }

    /** Runs {@code sql}, which has one parameter for each column in their order, once for all rows; not without any. */
    public void update(JdbcTemplate jdbc, String sql, Collection<? extends R> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.update(connection -> {
            var statement = connection.prepareStatement(sql);
            bind(statement, rows);
            return statement;
        });
    }

    /**
     * Adds {@code rows} that are certainly not there: many at once by {@code copy}, which writes them without looking
     * for each and names all columns in their order; few by {@code insert}, as {@link #update} does.
     */
    public void insert(JdbcTemplate jdbc, String insert, String copy, Collection<? extends R> rows) {
        if (rows.size() < MANY) {
            update(jdbc, insert, rows);
            return;
        }
        jdbc.execute((ConnectionCallback<Long>) connection ->
                copy(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy), rows));
    }

    private long copy(CopyIn copy, Collection<? extends R> rows) throws SQLException {
        try {
            var out = new BinaryOutput();
            out.copyHeader();
            for (var row : rows) {
                out.int2(columns.size());
                for (var column : columns) {
                    column.type().write(column.value().apply(row), out);
                }
                if (out.isFull()) {
                    out.sendTo(copy);
                }
            }
            out.copyTrailer();
            out.sendTo(copy);
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /**
     * Asks {@code sql}, which has one parameter for each column in their order, once for all rows; not without any.
     * The server plans it anew each time: the plan that it would keep from when the tables were small may walk all
     * rows of a namespace in any index that begins with it.
     */
    public <A> List<A> query(JdbcTemplate jdbc, String sql, Collection<? extends R> rows, RowMapper<A> answer) {
        if (rows.isEmpty()) {
            return List.of();
        }
        return jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(sql);
                    statement.unwrap(PGStatement.class).setPrepareThreshold(0);
                    bind(statement, rows);
                    return statement;
                },
                answer);
    }

    /** A time of {@code row}; null where the column is. */
    public static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        return time(row, row.findColumn(column));
    }

    /** A time of {@code row} as answers write it; null where the column is. */
    public static @Nullable String timeText(ResultSet row, String column) throws SQLException {
        return timeText(row, row.findColumn(column));
    }

    /** As {@link #timeText(ResultSet, String)}, by the column's number. */
    public static @Nullable String timeText(ResultSet row, int column) throws SQLException {
        return EventJson.formatted(time(row, column));
    }

    /** A JSON value of {@code row}; null where the column is. */
    public static @Nullable Json json(ResultSet row, String column) throws SQLException {
        var text = row.getString(column);
        return text == null ? null : Json.of(text);
    }

    /** A JSON value of {@code row}; {@code otherwise} where the column is null. */
    public static Json json(ResultSet row, String column, Json otherwise) throws SQLException {
        return Objects.requireNonNullElse(json(row, column), otherwise);
    }

    /** A number of {@code row}; null where the column is. */
    public static @Nullable Integer integer(ResultSet row, String column) throws SQLException {
        return integer(row, row.findColumn(column));
    }

    /** As {@link #integer(ResultSet, String)}, by the column's number. */
    public static @Nullable Integer integer(ResultSet row, int column) throws SQLException {
        var value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    /** A number of {@code row}; null where the column is. */
    public static @Nullable Long bigint(ResultSet row, String column) throws SQLException {
        return bigint(row, row.findColumn(column));
    }

    /** As {@link #bigint(ResultSet, String)}, by the column's number. */
    public static @Nullable Long bigint(ResultSet row, int column) throws SQLException {
        var value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /** The failure in four columns of {@code row} whose names begin with {@code prefix}; null where there is none. */
    public static @Nullable Failure failure(ResultSet row, String prefix) throws SQLException {
        var message = row.getString(prefix + "_message");
        return message == null
                ? null
                : new Failure(
                        message,
                        row.getString(prefix + "_type"),
                        row.getString(prefix + "_stack_trace"),
                        json(row, prefix + "_details"));
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private Columns<R> column(BinaryType type, Function<R, @Nullable Object> value) {
        columns.add(new Column<>(type, value));
        return this;
    }

    private void bind(PreparedStatement statement, Collection<? extends R> rows) throws SQLException {
        var connection = statement.getConnection().unwrap(BaseConnection.class);
        for (var i = 0; i < columns.size(); i++) {
            var type = columns.get(i).type();
            var value = columns.get(i).value();
            var out = new BinaryOutput();
            out.arrayHeader(type.oid(), rows.size());
            for (var row : rows) {
                type.write(value.apply(row), out);
            }
            statement.setArray(i + 1, new PgArray(connection, type.arrayOid(), out.toBytes()));
        }
    }
}
