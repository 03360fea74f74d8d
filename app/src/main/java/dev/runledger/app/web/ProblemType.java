package dev.runledger.app.web;

import java.net.URI;
import java.util.Locale;

/** The kinds of refusal that are not the domain's own, each with its HTTP status and title. */
public enum ProblemType {
    BAD_REQUEST(400, "Bad request"),
    UNAUTHORIZED(401, "Unauthorized"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not found"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    NOT_ACCEPTABLE(406, "Not acceptable"),
    REQUEST_TIMEOUT(408, "Request timeout"),
    CONFLICT(409, "Conflict"),
    GONE(410, "Gone"),
    PRECONDITION_FAILED(412, "Precondition failed"),
    CONTENT_TOO_LARGE(413, "Content too large"),
    URI_TOO_LONG(414, "URI too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
    MISDIRECTED(421, "Misdirected request"),
    TOO_MANY_REQUESTS(429, "Too many requests"),
    HEADERS_TOO_LARGE(431, "Request header fields too large"),
    INTERNAL_ERROR(500, "Internal error"),
    UNAVAILABLE(503, "Unavailable");

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The kind for a status: its own, else that of its class. */
    public static ProblemType ofStatus(int status) {
        for (ProblemType type : values()) {
            if (type.status == status) {
                return type;
            }
        }
        return status >= 400 && status < 500 ? BAD_REQUEST : INTERNAL_ERROR;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** {@code urn:runledger:problem:<slug>}. */
    public URI uri() {
        return URI.create(
                "urn:runledger:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** What to say where nobody knows more. */
    String usualDetail() {
        return switch (this) {
            case BAD_REQUEST -> "The request is malformed.";
            case UNAUTHORIZED -> "Send the API key as Authorization: Bearer <key>.";
            case FORBIDDEN -> "The caller may not do this.";
            case NOT_FOUND -> "There is nothing at this path.";
            case METHOD_NOT_ALLOWED -> "This path does not take this method.";
            case NOT_ACCEPTABLE -> "This path has no answer of the kind the Accept header asks for.";
            case REQUEST_TIMEOUT -> "The request did not arrive in time.";
            case CONFLICT -> "The request conflicts with the current state.";
            case GONE -> "This is no longer here.";
            case PRECONDITION_FAILED -> "A condition of the request does not hold.";
            case CONTENT_TOO_LARGE -> "The body is larger than this path takes.";
            case URI_TOO_LONG -> "The URI is longer than this server takes.";
            case UNSUPPORTED_MEDIA_TYPE -> "This path does not take this content type.";
            case MISDIRECTED -> "This server does not answer to that name.";
            case TOO_MANY_REQUESTS -> "Too many requests; try again later.";
            case HEADERS_TOO_LARGE -> "The header fields are larger than this server takes.";
            case INTERNAL_ERROR -> "The server failed; its log tells more under the requestId.";
            case UNAVAILABLE -> "The server cannot answer at the moment; send the same request again later.";
        };
    }
}
