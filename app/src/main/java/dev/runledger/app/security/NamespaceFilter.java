package dev.runledger.app.security;

import dev.runledger.app.web.ProblemType;
import dev.runledger.app.web.ProblemWriter;
import dev.runledger.app.web.RequestAttributes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.springframework.web.filter.OncePerRequestFilter;

/** Settles which namespace a request speaks of: the header's, or {@code default}. */
final class NamespaceFilter extends OncePerRequestFilter {

    private static final String HEADER = "Runledger-Namespace";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private final ProblemWriter problems;

    NamespaceFilter(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String asked = request.getHeader(HEADER);
        String namespace = asked == null ? "default" : asked;
        if (!NAME.matcher(namespace).matches()) {
            problems.write(
                    request,
                    response,
                    ProblemType.BAD_REQUEST,
                    "The header " + HEADER + " must be 1 to 63 of a-z, 0-9 and -, not starting with -.");
            return;
        }
        request.setAttribute(RequestAttributes.NAMESPACE, namespace);
        chain.doFilter(request, response);
    }
}
