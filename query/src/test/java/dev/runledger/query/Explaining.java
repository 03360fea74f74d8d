package dev.runledger.query;

import dev.runledger.events.EventJson;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import tools.jackson.databind.JsonNode;

/** Explains the statements that are of interest, with the very values, before it runs. */
final class Explaining extends DelegatingDataSource {

    /** How many rows the plan of one executed statement looked at, over all its nodes that read a table. */
    record Seen(long rows, String sql, String plan) {}

    private final List<Seen> seen;
    private final List<String> marks;

    /** @param marks one of which the statements to explain contain */
    Explaining(DataSource target, String... marks) {
        this(target, new CopyOnWriteArrayList<>(), List.of(marks));
    }

    private Explaining(DataSource target, List<Seen> seen, List<String> marks) {
        super(target);
        this.seen = seen;
        this.marks = marks;
    }

    /** One that sees the same of other connections too. */
    Explaining over(DataSource other) {
        return new Explaining(other, seen, marks);
    }

    /** What was seen since somebody cleared this. */
    List<Seen> seen() {
        return seen;
    }

    @Override
    public Connection getConnection() throws SQLException {
        var connection = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    var result = call(() -> method.invoke(connection, arguments));
                    return result instanceof PreparedStatement statement
                                    && arguments != null
                                    && arguments[0] instanceof String sql
                                    && marks.stream().anyMatch(sql::contains)
                            ? explaining(connection, statement, sql)
                            : result;
                });
    }

    private Object explaining(Connection connection, PreparedStatement statement, String sql) throws SQLException {
        var explain = connection.prepareStatement("explain (analyze, format json, timing off) " + sql);
        return Proxy.newProxyInstance(
                Explaining.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> {
                    if (method.getName().startsWith("set") && arguments != null && arguments.length >= 2) {
                        var ignored = call(() -> method.invoke(explain, arguments));
                    }
                    if (method.getName().equals("executeQuery")) {
                        try (var rows = explain.executeQuery()) {
                            rows.next();
                            var plan = EventJson.mapper().readTree(rows.getString(1));
                            seen.add(new Seen(scanned(plan.get(0).get("Plan")), sql, plan.toPrettyString()));
                        }
                    }
                    return call(() -> method.invoke(statement, arguments));
                });
    }

    private static long scanned(JsonNode node) {
        long rows = 0;
        if (node.has("Relation Name")) {
            var each = node.get("Actual Rows").asDouble()
                    + removed(node, "Rows Removed by Filter")
                    + removed(node, "Rows Removed by Index Recheck");
            rows += Math.round(each * node.get("Actual Loops").asDouble());
        }
        if (node.has("Plans")) {
            for (var child : node.get("Plans")) {
                rows += scanned(child);
            }
        }
        return rows;
    }

    private static double removed(JsonNode node, String name) {
        return node.has(name) ? node.get(name).asDouble() : 0;
    }

    private interface Call {
        Object run() throws ReflectiveOperationException;
    }

    private static Object call(Call call) throws Throwable {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
