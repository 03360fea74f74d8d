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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Guards the mode without a key against the one stranger who reaches 127.0.0.1: a web page in the user's own browser. A
 * page that resolved its own name to 127.0.0.1 sends that name as {@code Host}; a page of another site sends its
 * {@code Origin}, or the browser marks a writing request as cross-site.
 */
final class LoopbackFilter extends OncePerRequestFilter {

    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(?i)(localhost|[a-z0-9-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");
    private static final Pattern LOOPBACK_ORIGIN =
            Pattern.compile("(?i)https?://" + LOOPBACK_HOST.pattern().substring(4));
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final ProblemWriter problems;

    LoopbackFilter(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!matches(LOOPBACK_HOST, request.getHeader(HttpHeaders.HOST))) {
            problems.write(
                    request,
                    response,
                    ProblemType.MISDIRECTED,
                    "Without an API key this server answers only to localhost, 127.0.0.1 and [::1] as its Host.");
            return;
        }
        if (crossSite(request)) {
            problems.write(
                    request,
                    response,
                    ProblemType.FORBIDDEN,
                    "Without an API key this server takes no requests from pages of other sites.");
            return;
        }
        request.setAttribute(RequestAttributes.ACTOR, "anonymous");
        chain.doFilter(request, response);
    }

    private static boolean crossSite(HttpServletRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !matches(LOOPBACK_ORIGIN, origin)) {
            return true;
        }
        return "cross-site".equals(request.getHeader("Sec-Fetch-Site")) && !READING.contains(request.getMethod());
    }

    private static boolean matches(Pattern pattern, @Nullable String value) {
        return value != null && pattern.matcher(value).matches();
    }
}
