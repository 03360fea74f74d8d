package dev.runledger.events.execution;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many step rows of an execution stand where. */
public final class StepCounts {

    private static final StepStatus[] STATUSES = StepStatus.values();

    /** No steps at all. */
    public static final StepCounts NONE = new StepCounts(new int[STATUSES.length]);

    private final int[] counts;

    private StepCounts(int[] counts) {
        this.counts = counts;
    }

    /** The counts given by status; one that is left out is 0. */
    public static StepCounts of(Map<StepStatus, Integer> byStatus) {
        var counts = new int[STATUSES.length];
        byStatus.forEach((status, count) -> counts[status.ordinal()] = count);
        return new StepCounts(counts);
    }

    /** One row left {@code from}, null for a row that was not there, and came to {@code to}. */
    StepCounts moved(@Nullable StepStatus from, StepStatus to) {
        if (from == to) {
            return this;
        }
        var moved = counts.clone();
        if (from != null) {
            moved[from.ordinal()]--;
        }
        moved[to.ordinal()]++;
        return new StepCounts(moved);
    }

    /** The counts that are not 0, in the order of the statuses. */
    public Map<StepStatus, Integer> byStatus() {
        var map = new EnumMap<StepStatus, Integer>(StepStatus.class);
        for (var status : STATUSES) {
            if (counts[status.ordinal()] != 0) {
                map.put(status, counts[status.ordinal()]);
            }
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StepCounts that && Arrays.equals(that.counts, counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return byStatus().toString();
    }
}
