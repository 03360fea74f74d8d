package dev.runledger.query.execution;

import dev.runledger.query.Cursor;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list of the past, the pages of which all show the log up to one position: their cursors hold it.
 *
 * @param order names the order in cursors
 * @param key behind which the page begins; null for the first
 */
record PastPages(String order, long upTo, @Nullable List<String> key) {

    /** Names the order of the scan that makes the pages; no cursor that is answered has it. */
    static final String INNER = "-";

    /**
     * The pages from {@code cursor} on.
     *
     * @param last the position up to which the first page shows the log
     * @throws QueryProblem when the cursor is none of this list, or of one that shows more of the log
     */
    static PastPages after(@Nullable String cursor, String order, List<Key> keys, long last) {
        var withPosition = new ArrayList<>(List.of(new Key("up_to", Type.NUMBER)));
        withPosition.addAll(keys);
        var given = Cursor.key(cursor, order, withPosition);
        if (given == null) {
            return new PastPages(order, last, null);
        }
        var upTo = Long.parseLong(given.getFirst());
        if (upTo < 0 || upTo > last) {
            throw QueryProblem.badParameter(QueryParameters.CURSOR, "is no cursor of this list");
        }
        return new PastPages(order, upTo, given.subList(1, given.size()));
    }

    /** Where the page behind {@code key} begins. */
    String cursor(List<String> key) {
        var all = new ArrayList<>(List.of(String.valueOf(upTo)));
        all.addAll(key);
        return Cursor.of(order, all);
    }
}
