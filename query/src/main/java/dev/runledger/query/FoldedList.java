package dev.runledger.query;

import dev.runledger.events.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pages of what was folded in memory, with the order and the cursors of the same list in the tables: a cursor of either
 * goes on in the other. A page is short only where the list ends, or where it has come to {@link PageOf#BYTES}.
 *
 * @param <T> what is listed
 */
public final class FoldedList<T> {

    private record Keyed<T>(T item, long[] key) {}

    private final String order;
    private final boolean descending;
    private final List<OrderedScan.Key> keys;
    private final Function<T, long[]> key;

    private FoldedList(String order, boolean descending, int keys, Function<T, long[]> key) {
        this.order = order;
        this.descending = descending;
        this.keys = java.util.Collections.nCopies(keys, new OrderedScan.Key(order, OrderedScan.Type.NUMBER));
        this.key = key;
    }

    /**
     * @param order names the order in cursors
     * @param keys how many numbers {@code key} gives, which together tell items apart
     */
    public static <T> FoldedList<T> ascending(String order, int keys, Function<T, long[]> key) {
        return new FoldedList<>(order, false, keys, key);
    }

    /** As {@link #ascending}, the highest key first. */
    public static <T> FoldedList<T> descending(String order, int keys, Function<T, long[]> key) {
        return new FoldedList<>(order, true, keys, key);
    }

    /**
     * The page after {@code cursor}; looks at every item, and keeps no more than the page has.
     *
     * @param weight of what an item shows, in bytes
     * @throws QueryProblem when the cursor is none of this list
     */
    public PageOf<T> page(Stream<T> items, @Nullable String cursor, int limit, ToLongFunction<T> weight) {
        var after = Cursor.key(cursor, order, keys);
        var start =
                after == null ? null : after.stream().mapToLong(Long::parseLong).toArray();
        Comparator<long[]> ascending = Arrays::compare;
        var inOrder = descending ? ascending.reversed() : ascending;
        // The last of the page on top, to make room for one that comes before it.
        var page = new PriorityQueue<Keyed<T>>(
                Comparator.<Keyed<T>, long[]>comparing(Keyed::key, inOrder).reversed());
        items.forEach(item -> {
            var itsKey = key.apply(item);
            if (start != null && inOrder.compare(itsKey, start) <= 0) {
                return;
            }
            if (page.size() <= limit) {
                page.add(new Keyed<>(item, itsKey));
            } else if (inOrder.compare(itsKey, page.element().key()) < 0) {
                page.remove();
                page.add(new Keyed<>(item, itsKey));
            }
        });
        var sorted =
                page.stream().sorted(Comparator.comparing(Keyed::key, inOrder)).toList();
        var shown = new ArrayList<T>();
        var bytes = 0L;
        for (var keyed : sorted) {
            if (shown.size() == limit || bytes >= PageOf.BYTES) {
                break;
            }
            shown.add(keyed.item());
            bytes += weight.applyAsLong(keyed.item());
        }
        return new PageOf<>(
                shown,
                sorted.size() > shown.size()
                        ? cursorAfter(sorted.get(shown.size() - 1).key())
                        : null);
    }

    /** How many bytes {@code texts} have, or little fewer. */
    public static long bytes(@Nullable Json... texts) {
        var bytes = 0L;
        for (var text : texts) {
            bytes += text == null ? 0 : text.text().length();
        }
        return bytes;
    }

    private String cursorAfter(long[] key) {
        return Cursor.of(order, LongStream.of(key).mapToObj(String::valueOf).toList());
    }
}
