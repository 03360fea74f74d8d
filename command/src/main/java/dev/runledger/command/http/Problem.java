package dev.runledger.command.http;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** An answer other than success: RFC 9457, with a type that programs can tell apart. Expected, so without a stack trace. */
public class Problem extends ErrorResponseException {

    private static final String TYPE = "urn:runledger:problem:";

    public Problem(ProblemDetail problem) {
        super(HttpStatus.valueOf(problem.getStatus()), problem, null);
    }

    /** {@code urn:runledger:problem:<slug>} with this title and detail. */
    public static ProblemDetail detail(HttpStatus status, String slug, String title, String detail) {
        var problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create(TYPE + slug));
        problem.setTitle(title);
        return problem;
    }

    /** 413: one command has more than {@code limit} bytes. */
    public static ProblemDetail tooLarge(int limit) {
        return detail(
                HttpStatus.CONTENT_TOO_LARGE,
                "content-too-large",
                "The command is too large",
                "A command may have " + limit + " bytes. Keep large payloads elsewhere and record where they are.");
    }

    /** 413, for what the log cannot take in one append. */
    public static ProblemDetail refusedByLog(String why) {
        return detail(
                HttpStatus.CONTENT_TOO_LARGE,
                "content-too-large",
                "The command is too large",
                "The log does not take it: " + why + ".");
    }

    /** 415, saying what would be read. */
    static Problem unsupportedMediaType(String detail) {
        return new Problem(
                detail(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body cannot be read", detail));
    }

    /** 503: too many commands of the execution wait, or other writers came first again and again. */
    public static ProblemDetail busy() {
        return detail(
                HttpStatus.SERVICE_UNAVAILABLE,
                "busy",
                "The execution is busy",
                "Too many commands of the execution wait, or other writers of it came first again and again. Nothing was"
                        + " appended; send it again.");
    }

    /** {@code problem} with the advice to come again. */
    public static Problem retryAfter(int seconds, ProblemDetail problem) {
        var answer = new Problem(problem);
        answer.getHeaders().set("Retry-After", Integer.toString(seconds));
        return answer;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
