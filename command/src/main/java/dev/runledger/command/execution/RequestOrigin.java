package dev.runledger.command.execution;

import dev.runledger.command.http.CommandHeaders;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Who asks, and in which namespace: attributes of the request that security has set.
 *
 * @param namespace that of the key, or one that the key may see
 */
public record RequestOrigin(String namespace, Origin origin) {

    /** @throws IllegalStateException when the request did not come through security */
    public static RequestOrigin of(HttpServletRequest request) {
        return new RequestOrigin(
                attribute(request, "runledger.namespace"),
                new Origin(
                        attribute(request, "runledger.actor"),
                        attribute(request, "runledger.requestId"),
                        CommandHeaders.traceparent(request)));
    }

    private static String attribute(HttpServletRequest request, String name) {
        if (request.getAttribute(name) instanceof String value) {
            return value;
        }
        throw new IllegalStateException("the request has no attribute " + name);
    }
}
