package dev.runledger.app.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;

/** Makes problem details (RFC 9457) with every member that our error answers have. */
public final class Problems {

    private Problems() {}

    public static ProblemDetail of(ProblemType type, @Nullable String detail, HttpServletRequest request) {
        ProblemDetail problem = ProblemDetail.forStatus(type.status());
        problem.setType(type.uri());
        problem.setTitle(type.title());
        problem.setDetail(detail == null ? type.usualDetail() : detail);
        return complete(problem, request);
    }

    /** Adds what depends on the request: {@code instance} and {@code requestId}. */
    static ProblemDetail complete(ProblemDetail problem, HttpServletRequest request) {
        if (problem.getInstance() == null) {
            problem.setInstance(instance(request));
        }
        Object requestId = request.getAttribute(RequestAttributes.REQUEST_ID);
        if (requestId != null) {
            problem.setProperty("requestId", requestId);
        }
        return problem;
    }

    private static @Nullable URI instance(HttpServletRequest request) {
        Object path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        try {
            return URI.create(path instanceof String failed ? failed : request.getRequestURI());
        } catch (IllegalArgumentException unprintable) {
            return null;
        }
    }
}
