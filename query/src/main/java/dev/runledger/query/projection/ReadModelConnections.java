package dev.runledger.query.projection;

import javax.sql.DataSource;

/**
 * Where long work gets connections of its own, so that requests keep theirs.
 *
 * @param dataSource opens a connection a call, as the login that owns {@code read_model}; closing it ends its session
 */
public record ReadModelConnections(DataSource dataSource) {}
