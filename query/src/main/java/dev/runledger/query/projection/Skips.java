package dev.runledger.query.projection;

import java.util.Set;

/**
 * The events that a person decided to skip: each counts as a version of its execution that changes nothing. The same in
 * the live fold, in a rebuild and in a verification, so that they agree.
 */
record Skips(Set<Long> positions) {

    static final Skips NONE = new Skips(Set.of());

    boolean contains(long position) {
        return positions.contains(position);
    }
}
