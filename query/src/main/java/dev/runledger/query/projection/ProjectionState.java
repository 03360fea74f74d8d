package dev.runledger.query.projection;

/** What the projection does. */
enum ProjectionState {
    /** A node follows the log. */
    RUNNING,
    /** No node has the claim yet. */
    STARTING,
    /** Somebody paused it. */
    PAUSED,
    /** An event cannot be folded. */
    STOPPED,
    /** There are no tables that this code could read. */
    REBUILDING
}
