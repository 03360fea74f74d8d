package dev.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * How tables differ from what the log gives.
 *
 * @param verifiedAt RFC 3339
 * @param position up to where the log was folded
 * @param executions how many executions were compared, with all their rows
 * @param missing rows that the log gives and the tables do not have
 * @param extra rows that the tables have and the log does not give
 * @param different rows that the tables have otherwise
 * @param examples the first of them
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record DriftReport(
        Kind kind,
        String verifiedAt,
        long position,
        long executions,
        long missing,
        long extra,
        long different,
        List<Example> examples) {

    /** What was compared: the tables of a rebuild with those that they replace, or executions with the log. */
    enum Kind {
        REBUILD,
        SAMPLE,
        FULL
    }

    enum Drift {
        MISSING,
        EXTRA,
        DIFFERENT
    }

    /**
     * One row.
     *
     * @param key what names it among the rows of its execution
     * @param fields the names of those that differ; empty unless DIFFERENT. Never what they hold, which may have to be
     *     erased one day
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Example(
            String table,
            Drift drift,
            String namespace,
            UUID executionId,
            Map<String, Object> key,
            List<String> fields) {}

    long rows() {
        return missing + extra + different;
    }
}
