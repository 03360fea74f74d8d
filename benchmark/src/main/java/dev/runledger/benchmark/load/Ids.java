package dev.runledger.benchmark.load;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Ids as clients make them. */
public final class Ids {

    private Ids() {}

    /** A UUIDv7: ids of one time lie close together in an index, for all that are compared. */
    public static UUID next() {
        var random = ThreadLocalRandom.current();
        var high = System.currentTimeMillis() << 16 | 0x7000L | random.nextInt(1 << 12);
        return new UUID(high, random.nextLong() >>> 2 | Long.MIN_VALUE);
    }
}
