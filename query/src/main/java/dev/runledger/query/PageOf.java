package dev.runledger.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param nextCursor where the next page begins; null when the list has ended
 * @param asOf the past that it shows; null, and left out, when it shows the present
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record PageOf<T>(
        List<T> items,
        @Nullable String nextCursor,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AsOf asOf) {

    /** A page ends with the item that brings it to so many bytes. */
    public static final long BYTES = 8L << 20;

    /** A page of the present. */
    public PageOf(List<T> items, @Nullable String nextCursor) {
        this(items, nextCursor, null);
    }

    /** The same page, each item turned into another. */
    public <U> PageOf<U> map(Function<T, U> change) {
        return with(items -> items.stream().map(change).toList());
    }

    /** The same page with other items. */
    public <U> PageOf<U> with(Function<List<T>, List<U>> change) {
        return new PageOf<>(change.apply(items), nextCursor, asOf);
    }

    /** The same page, of the past. */
    public PageOf<T> of(AsOf past) {
        return new PageOf<>(items, nextCursor, past);
    }
}
