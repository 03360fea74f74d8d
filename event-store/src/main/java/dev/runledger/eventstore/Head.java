package dev.runledger.eventstore;

import java.time.Instant;
import java.util.UUID;

/**
 * The newest state of the whole log: what to keep elsewhere to prove later that the log still continues it.
 *
 * @param logId      names the log for ever
 * @param position   of the newest event; 0 in an empty log
 * @param recordedAt of the newest event; of the log's creation while it is empty
 * @param hash       of the newest event; SHA-256 of the log id while it is empty
 */
public record Head(UUID logId, long position, Instant recordedAt, Hash hash) {}
