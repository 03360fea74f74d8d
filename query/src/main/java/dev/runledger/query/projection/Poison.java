package dev.runledger.query.projection;

/**
 * Why the projection does not go on.
 *
 * @param position the event that it cannot pass, or the first of those among which it is
 * @param reason for people
 */
record Poison(long position, String reason) {}
