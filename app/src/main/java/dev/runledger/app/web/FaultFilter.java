package dev.runledger.app.web;

import dev.runledger.eventstore.DatabaseAway;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.filter.OncePerRequestFilter;

/** Catches what no controller advice saw, logs it once and answers without a word about the inside. */
final class FaultFilter extends OncePerRequestFilter {

    private static final Logger log = LoggerFactory.getLogger(FaultFilter.class);

    private final ProblemWriter problems;

    FaultFilter(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            chain.doFilter(request, response);
        } catch (ServletException | IOException | RuntimeException failure) {
            if (response.isCommitted() || Faults.clientGone(failure)) {
                // Too late for an answer: breaking the connection is all that tells the client.
                throw failure;
            }
            response.reset();
            response.setHeader(RequestId.HEADER, String.valueOf(request.getAttribute(RequestAttributes.REQUEST_ID)));
            problems.write(request, response, kind(failure), null);
        }
    }

    private static ProblemType kind(Exception failure) {
        if (DatabaseAway.isBehind(failure)) {
            return ProblemType.UNAVAILABLE;
        }
        return Faults.unreadableRequest(failure).orElseGet(() -> {
            log.error("The request failed", failure);
            return ProblemType.INTERNAL_ERROR;
        });
    }
}
