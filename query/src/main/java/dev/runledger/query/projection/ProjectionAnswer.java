package dev.runledger.query.projection;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The projection, as people see it.
 *
 * @param position up to where the tables hold the log
 * @param head where the log ends
 * @param lagEvents how many events the tables do not hold yet
 * @param lagMs how old the oldest of them is; 0 when there is none
 * @param codeVersion of the code that answers
 * @param node the one that follows the log; null when none does
 * @param rows how many rows a table has, as far as the database's statistics know
 * @param lastError what stops it; null while nothing does
 * @param skipped the events that were skipped, the newest first
 * @param rebuild the last one; null when there was none
 * @param drift the last report of a rebuild or a verification; null when there was none
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record ProjectionAnswer(
        String name,
        ProjectionState state,
        long position,
        long head,
        long lagEvents,
        long lagMs,
        String codeVersion,
        @Nullable String node,
        Map<String, Long> rows,
        @Nullable Poison lastError,
        List<ProjectionJournal.Skipped> skipped,
        @Nullable Rebuild rebuild,
        @Nullable DriftReport drift) {}
