package dev.runledger.query;

import java.io.Serial;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Why a query is not answered. */
public final class QueryProblem extends ErrorResponseException {

    @Serial
    private static final long serialVersionUID = 1;

    private QueryProblem(HttpStatus status, String slug, String title, String detail) {
        super(status, body(status, slug, title, detail), null);
    }

    /** A parameter, header or path segment that cannot be understood. */
    public static QueryProblem badParameter(String name, String message) {
        var problem = new QueryProblem(
                HttpStatus.BAD_REQUEST, "bad-request", "Bad request", "The parameter " + name + " " + message + ".");
        problem.getBody().setProperty("errors", List.of(Map.of("pointer", "/" + name, "message", message)));
        return problem;
    }

    /** Something that is not there, or not yet, or not in this namespace. */
    public static QueryProblem notFound(String what) {
        return new QueryProblem(HttpStatus.NOT_FOUND, "not-found", "Not found", "There is no " + what + ".");
    }

    /** Something that cannot be done as things are. */
    public static QueryProblem conflict(String detail) {
        return new QueryProblem(HttpStatus.CONFLICT, "conflict", "Conflict", detail);
    }

    /** A body that cannot be understood. */
    public static QueryProblem badBody(String pointer, String message) {
        var problem = new QueryProblem(
                HttpStatus.BAD_REQUEST, "bad-request", "Bad request", "The body is not what this path takes.");
        problem.getBody().setProperty("errors", List.of(Map.of("pointer", pointer, "message", message)));
        return problem;
    }

    /** A body of more than {@code most} bytes. */
    public static QueryProblem bodyTooLarge(int most) {
        return new QueryProblem(
                HttpStatus.CONTENT_TOO_LARGE,
                "content-too-large",
                "The body is too large",
                "A body may have " + most + " bytes.");
    }

    /** An execution whose contents were removed for good. */
    public static QueryProblem erased(Object executionId) {
        return new QueryProblem(HttpStatus.GONE, "erased", "Erased", "The execution " + executionId + " was erased.");
    }

    /** The rows do not hold yet what the caller must see. */
    static QueryProblem behind(long wanted, long reached) {
        return retryAfter(
                1,
                new QueryProblem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "behind",
                        "The read model is behind",
                        "The read model has reached position " + reached + ", not yet " + wanted + "."));
    }

    /** The rows are being made anew. */
    public static QueryProblem rebuilding(ReadModelPosition.Replay replay) {
        var percent = replay.head() == 0 ? 0 : replay.position() * 100 / replay.head();
        return retryAfter(
                5,
                new QueryProblem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "rebuilding",
                        "The read model is being rebuilt",
                        "The read model replays the log: position " + replay.position() + " of " + replay.head() + ", "
                                + percent + " %."
                                + (replay.failure() == null ? "" : " It does not go on: " + replay.failure() + ".")));
    }

    /** A long history that could not be folded in time. What was folded is kept, so that asking again goes on from there. */
    public static QueryProblem stillFolding(long version, long of) {
        return retryAfter(
                1,
                new QueryProblem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "folding",
                        "The history is being folded",
                        "The history is folded up to version " + version + " of " + of + "."));
    }

    /** An answer that would have more parts than one answer may. */
    public static QueryProblem tooLarge(String detail) {
        return new QueryProblem(HttpStatus.UNPROCESSABLE_CONTENT, "too-large", "Too large", detail);
    }

    /** More queries wait for the database than can be answered in time. */
    static QueryProblem overloaded() {
        return retryAfter(
                1,
                new QueryProblem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "overloaded",
                        "Too many queries",
                        "More queries wait for the database than can be answered in time."));
    }

    /** More of the past is asked for at once than there is memory for. */
    public static QueryProblem pastOverloaded() {
        return retryAfter(
                1,
                new QueryProblem(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "overloaded",
                        "Too many queries",
                        "More of the past is asked for at once than the server can hold in its memory."));
    }

    private static QueryProblem retryAfter(int seconds, QueryProblem problem) {
        problem.getHeaders().set(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        return problem;
    }

    private static ProblemDetail body(HttpStatus status, String slug, String title, String detail) {
        var body = ProblemDetail.forStatusAndDetail(status, detail);
        body.setType(URI.create("urn:runledger:problem:" + slug));
        body.setTitle(title);
        return body;
    }
}
