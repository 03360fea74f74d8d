package dev.runledger.benchmark;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: contenders side by side.
 *
 * @param scenario the name to ask for it with
 * @param path what is done, for people
 * @param raw plain JDBC on the same server; null where there is no such thing
 * @param peer what it is compared with; null where there is no such thing
 * @param ours the ledger; null for a line about something else
 * @param targets what is asked for
 */
record Row(
        String scenario,
        String path,
        @Nullable Measurement raw,
        @Nullable Measurement peer,
        @Nullable Measurement ours,
        List<Target> targets) {}
