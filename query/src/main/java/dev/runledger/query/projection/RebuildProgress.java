package dev.runledger.query.projection;

import org.jspecify.annotations.Nullable;

/**
 * How far a rebuild is.
 *
 * @param position up to where the log is folded
 * @param head where the log ended when somebody looked last
 * @param read how many events were read since the last progress
 * @param eventsPerSecond null before anybody knows
 */
record RebuildProgress(
        long position, long head, long read, @Nullable Double eventsPerSecond) {}
