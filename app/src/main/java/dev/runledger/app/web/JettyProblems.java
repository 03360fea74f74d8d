package dev.runledger.app.web;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** Answers for requests that Jetty refuses before any filter sees them: a bad URI, a header too large. */
final class JettyProblems extends ErrorHandler {

    private final JsonMapper json;

    JettyProblems(JsonMapper json) {
        this.json = json;
    }

    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        ProblemType type = ProblemType.ofStatus(code);
        String requestId = RequestId.acceptedOrNew(request.getHeaders().get(RequestId.HEADER));
        ProblemDetail problem = ProblemDetail.forStatus(HttpStatus.isSuccess(code) ? 500 : code);
        problem.setType(type.uri());
        problem.setTitle(type.title());
        problem.setDetail(type.usualDetail());
        problem.setProperty("requestId", requestId);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getHeaders().put(RequestId.HEADER, requestId);
        response.write(true, ByteBuffer.wrap(json.writeValueAsBytes(problem)), callback);
    }
}
