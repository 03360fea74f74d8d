package dev.runledger.eventstore;

import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * How often a caller has decided what a unit of work appends: each time but the first because other writers had
 * overtaken it. When the third attempt or a later one is overtaken too, the stream is left to its writer for a moment. An
 * append of which nothing is said is a first attempt.
 */
public final class AppendAttempt {

    /** Overtaken twice may be chance, and costs little. */
    static final int LEASES = 3;

    private static final String RESOURCE = AppendAttempt.class.getName();

    private AppendAttempt() {}

    /** @param number 1 for the first attempt */
    public static void set(UnitOfWork<?> unitOfWork, int number) {
        unitOfWork.root().resources().put(RESOURCE, number);
    }

    static int current() {
        return CurrentUnitOfWork.isStarted() ? CurrentUnitOfWork.get().root().getOrDefaultResource(RESOURCE, 1) : 1;
    }
}
