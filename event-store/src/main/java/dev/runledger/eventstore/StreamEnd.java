package dev.runledger.eventstore;

/**
 * The newest event of one stream, and what it was.
 *
 * @param version  1 or more
 * @param position of that event in the log
 * @param type     of that event
 */
public record StreamEnd(long version, long position, String type) {}
