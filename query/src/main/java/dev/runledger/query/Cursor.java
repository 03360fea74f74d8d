package dev.runledger.query;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Where a page ended: an opaque text that holds the order of the list and the key of the last row. */
public final class Cursor {

    private static final String VERSION = "1";
    private static final String SEPARATOR = "\n";

    private Cursor() {}

    /** A cursor of the list in {@code order} that goes on after the number {@code key}. */
    public static String after(String order, long key) {
        return of(order, List.of(String.valueOf(key)));
    }

    /**
     * The number after which the list in {@code order} goes on.
     *
     * @throws QueryProblem when {@code cursor} is none of that list
     */
    public static long after(String cursor, String order) {
        var keys = List.of(new OrderedScan.Key(order, OrderedScan.Type.NUMBER));
        return Long.parseLong(Objects.requireNonNull(key(cursor, order, keys)).getFirst());
    }

    /**
     * The page of a list in {@code order} that {@code rows} begin.
     *
     * @param rows at most one more than {@code limit}
     * @param end where the looking ended before the list did; null when it did not
     */
    public static <T> PageOf<T> page(List<T> rows, int limit, String order, ToLongFunction<T> key, @Nullable Long end) {
        if (rows.size() > limit) {
            var items = List.copyOf(rows.subList(0, limit));
            return new PageOf<>(items, after(order, key.applyAsLong(items.getLast())));
        }
        return new PageOf<>(rows, end == null ? null : after(order, end));
    }

    /** A cursor of the list in {@code order} that goes on after {@code key}. */
    public static String of(String order, List<String> key) {
        var text = VERSION + SEPARATOR + order + SEPARATOR + String.join(SEPARATOR, key);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The key after which a page begins; null without a cursor.
     *
     * @throws QueryProblem when the cursor is none, or of another order
     */
    public static @Nullable List<String> key(@Nullable String cursor, String order, List<OrderedScan.Key> keys) {
        if (cursor == null) {
            return null;
        }
        List<String> parts;
        try {
            parts = List.of(
                    new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split(SEPARATOR, -1));
        } catch (IllegalArgumentException e) {
            throw QueryProblem.badParameter(QueryParameters.CURSOR, "is no cursor");
        }
        if (parts.size() != keys.size() + 2 || !parts.getFirst().equals(VERSION)) {
            throw QueryProblem.badParameter(QueryParameters.CURSOR, "is no cursor of this list");
        }
        if (!parts.get(1).equals(order)) {
            throw QueryProblem.badParameter(QueryParameters.CURSOR, "belongs to another order");
        }
        var key = parts.subList(2, parts.size());
        for (var i = 0; i < key.size(); i++) {
            if (!keys.get(i).type().accepts(key.get(i))) {
                throw QueryProblem.badParameter(QueryParameters.CURSOR, "is no cursor of this list");
            }
        }
        return key;
    }
}
