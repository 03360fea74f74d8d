package dev.runledger.app.web;

/** Names of the request attributes that tell every module who asks for what. All values are strings. */
public final class RequestAttributes {

    /** Name of the caller's key; {@code anonymous} without one. */
    public static final String ACTOR = "runledger.actor";

    /** Namespace the request speaks of. */
    public static final String NAMESPACE = "runledger.namespace";

    /** Id of the request, also in every answer's {@code X-Request-Id} and in the log. */
    public static final String REQUEST_ID = "runledger.requestId";

    private RequestAttributes() {}
}
