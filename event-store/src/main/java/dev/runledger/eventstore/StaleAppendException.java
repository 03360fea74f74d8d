package dev.runledger.eventstore;

/** An append whose event does not follow its stream's newest version. */
final class StaleAppendException extends Exception {

    private final int index;
    private final VersionConflict conflict;

    StaleAppendException(int index, VersionConflict conflict) {
        super(conflict);
        this.index = index;
        this.conflict = conflict;
    }

    /** Of the event in the append. */
    int index() {
        return index;
    }

    VersionConflict conflict() {
        return conflict;
    }
}
