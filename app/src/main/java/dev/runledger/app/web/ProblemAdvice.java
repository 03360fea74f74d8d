package dev.runledger.app.web;

import dev.runledger.eventstore.DatabaseAway;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/**
 * Turns every exception of a controller into a problem detail. Comes last, so that an advice for the domain's refusals
 * needs to know only those; a fault is logged here, once.
 */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class ProblemAdvice extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final URI UNTYPED = URI.create("about:blank");

    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> handle(Exception failure, HttpServletRequest request, HttpServletResponse response)
            throws Exception {
        if (Faults.clientGone(failure)) {
            log.debug("The client was gone before the answer was complete", failure);
            return null;
        }
        if (response.isCommitted()) {
            throw brokenOff(failure);
        }
        if (DatabaseAway.isBehind(failure)) {
            log.warn("The database does not answer: {}", failure.getMessage());
            return answer(ProblemType.UNAVAILABLE, request);
        }
        var unreadable = Faults.unreadableRequest(failure);
        if (unreadable.isPresent()) {
            return answer(unreadable.get(), request);
        }
        log.error("The request failed", failure);
        return answer(ProblemType.INTERNAL_ERROR, request);
    }

    /**
     * What was sent cannot be taken back, and an orderly end would make it look complete: only an exception that
     * nobody handles breaks the connection.
     */
    private static Exception brokenOff(Exception failure) {
        if (Faults.notWritten(failure)) {
            log.debug("The client did not take the whole answer", failure);
        } else {
            log.error("The request failed after a part of its answer had been sent", failure);
        }
        return failure;
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException failure, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(failure, detail(status, null), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException failure, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String name = failure instanceof MethodArgumentTypeMismatchException argument
                ? argument.getName()
                : failure.getPropertyName();
        String detail = name == null
                ? "A parameter has a value of the wrong kind."
                : "The value of " + name + " is of the wrong kind.";
        return handleExceptionInternal(failure, detail(status, detail), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException failure, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var cause = Faults.unreadableRequest(failure);
        if (cause.isPresent()) {
            HttpStatusCode found = HttpStatusCode.valueOf(cause.get().status());
            return handleExceptionInternal(failure, detail(found, null), headers, found, request);
        }
        return handleExceptionInternal(
                failure,
                detail(status, "The body is missing or is not what this path takes."),
                headers,
                status,
                request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception failure, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (status.value() == 500) {
            log.error("The request failed", failure);
            return super.handleExceptionInternal(failure, detail(status, null), headers, status, request);
        }
        return super.handleExceptionInternal(failure, body, headers, status, request);
    }

    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = body instanceof ProblemDetail given ? given : detail(status, null);
        ProblemType type = ProblemType.ofStatus(status.value());
        if (problem.getType() == null || problem.getType().equals(UNTYPED)) {
            problem.setType(type.uri());
            problem.setTitle(type.title());
        }
        if (problem.getDetail() == null) {
            problem.setDetail(type.usualDetail());
        }
        var complete = new HttpHeaders(headers);
        complete.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (type == ProblemType.UNAVAILABLE && !complete.containsHeader(HttpHeaders.RETRY_AFTER)) {
            complete.set(HttpHeaders.RETRY_AFTER, "1");
        }
        return new ResponseEntity<>(
                Problems.complete(problem, ((ServletWebRequest) request).getRequest()), complete, status);
    }

    private ResponseEntity<Object> answer(ProblemType type, HttpServletRequest request) {
        HttpStatusCode status = HttpStatusCode.valueOf(type.status());
        return createResponseEntity(detail(status, null), new HttpHeaders(), status, new ServletWebRequest(request));
    }

    private static ProblemDetail detail(HttpStatusCode status, @Nullable String detail) {
        ProblemDetail problem = ProblemDetail.forStatus(status);
        problem.setDetail(detail == null ? ProblemType.ofStatus(status.value()).usualDetail() : detail);
        return problem;
    }
}
