package dev.runledger.eventstore;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where long events are to be expected: among the next pages after one that had some, since they seldom come alone. A
 * page with one is better weighed before it is read; one without is better read as it is. May be shared by threads, and
 * is a guess only.
 */
public final class LongEvents {

    /** How many pages are weighed, from one with a long event on. */
    private static final int PAGES = 16;

    private final AtomicInteger pages = new AtomicInteger();

    /** Whether the next page is to be weighed. */
    public boolean areExpected() {
        return pages.get() > 0;
    }

    /** A page had one that was not expected. */
    public void found() {
        pages.set(PAGES);
    }

    /** A page was weighed. */
    public void weighed() {
        pages.updateAndGet(left -> Math.max(0, left - 1));
    }
}
