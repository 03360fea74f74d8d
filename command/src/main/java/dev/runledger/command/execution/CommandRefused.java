package dev.runledger.command.execution;

import dev.runledger.command.http.Problem;

/** A {@link Rejection} on its way to the client. */
public final class CommandRefused extends Problem {

    private final transient Rejection rejection;

    CommandRefused(Rejection rejection) {
        super(RejectionProblem.of(rejection));
        this.rejection = rejection;
    }

    public Rejection rejection() {
        return rejection;
    }
}
