package dev.runledger.query.projection;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The events that a person decided to skip: each counts as a version of its execution that changes nothing. The same in
 * the live fold, in a rebuild and in a verification, so that they agree.
 */
record Skips(Set<Long> positions) {

    static final Skips NONE = new Skips(Set.of());

    /** Those up to {@code position}. */
    Skips upTo(long position) {
        return new Skips(
                positions.stream().filter(skipped -> skipped <= position).collect(Collectors.toSet()));
    }

    boolean contains(long position) {
        return positions.contains(position);
    }
}
