package dev.runledger.app.web;

import dev.runledger.eventstore.DatabaseAway;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Answers for errors that Jetty or a filter reports by status only. */
@Controller
class ProblemErrorController implements ErrorController {

    private final ProblemWriter problems;

    ProblemErrorController(ProblemWriter problems) {
        this.problems = problems;
    }

    /** Called directly, as a path, it is not there. */
    @RequestMapping("${spring.web.error.path:${error.path:/error}}")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        problems.write(
                request, response, status instanceof Integer code ? kind(request, code) : ProblemType.NOT_FOUND, null);
    }

    private static ProblemType kind(HttpServletRequest request, int status) {
        Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        return failure instanceof Throwable cause && DatabaseAway.isBehind(cause)
                ? ProblemType.UNAVAILABLE
                : ProblemType.ofStatus(status);
    }
}
