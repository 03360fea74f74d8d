package dev.runledger.benchmark;

/**
 * What a path costs the database.
 *
 * @param path what was done, for people
 * @param per what the counts are for, such as a command
 * @param statements that the server ran, transaction control among them
 * @param control of these, begin, commit and the like
 */
record StatementCount(String path, String per, double statements, double control) {}
