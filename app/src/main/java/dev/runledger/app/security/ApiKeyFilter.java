package dev.runledger.app.security;

import dev.runledger.app.web.ProblemType;
import dev.runledger.app.web.ProblemWriter;
import dev.runledger.app.web.RequestAttributes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets nobody pass without the key, except to ask for health. */
final class ApiKeyFilter extends OncePerRequestFilter {

    private static final Set<String> OPEN_PATHS = Set.of("/health", "/health/live", "/health/ready");
    private static final String SCHEME = "Bearer ";

    private final ApiKey key;
    private final ProblemWriter problems;

    ApiKeyFilter(ApiKey key, ProblemWriter problems) {
        this.key = key;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String offered = offeredKey(request.getHeader(HttpHeaders.AUTHORIZATION));
        boolean known = offered != null && key.matches(offered);
        // The undecoded path: nothing that decodes to one of these is let through by mistake.
        if (!known && !OPEN_PATHS.contains(request.getRequestURI())) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"runledger\"");
            problems.write(
                    request,
                    response,
                    ProblemType.UNAUTHORIZED,
                    offered == null
                            ? "Send the API key as Authorization: Bearer <key>."
                            : "The API key is not one of this server's.");
            return;
        }
        request.setAttribute(RequestAttributes.ACTOR, known ? "api-key" : "anonymous");
        chain.doFilter(request, response);
    }

    private static @Nullable String offeredKey(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        return header.substring(SCHEME.length()).strip();
    }
}
