package dev.runledger.eventstore;

/**
 * The newest event of one stream.
 *
 * @param version  1 or more
 * @param position of that event in the log
 */
public record StreamHead(long version, long position) {}
