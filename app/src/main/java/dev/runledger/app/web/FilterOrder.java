package dev.runledger.app.web;

import org.springframework.core.Ordered;

/** Places of our filters, all before Spring's own: first the id, then who may pass, then what it speaks of. */
public final class FilterOrder {

    static final int REQUEST_ID = Ordered.HIGHEST_PRECEDENCE;
    static final int FAULT = REQUEST_ID + 1;
    public static final int ACCESS = REQUEST_ID + 2;
    public static final int NAMESPACE = REQUEST_ID + 3;

    private FilterOrder() {}
}
