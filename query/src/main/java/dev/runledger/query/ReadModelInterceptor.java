package dev.runledger.query;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Before every query of the read model: refuses while it is being rebuilt, waits for what the caller must see, and
 * tells how far the rows are that the answer is made of.
 */
@Component
public class ReadModelInterceptor implements HandlerInterceptor {

    private final ReadModelPosition position;

    ReadModelInterceptor(ReadModelPosition position) {
        this.position = position;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && method.getBeanType().isAnnotationPresent(OfReadModel.class)) {
            var wanted = request.getHeader(QueryHeaders.MIN_POSITION);
            var least = wanted == null ? 0 : QueryParameters.number(QueryHeaders.MIN_POSITION, wanted, 0);
            try {
                prepare(least, response);
            } catch (BadSqlGrammarException e) {
                throw ReadModelSchema.isMissing(e) ? position.rebuilding() : e;
            }
        }
        return true;
    }

    private void prepare(long least, HttpServletResponse response) {
        if (position.awaited() != null) {
            throw position.rebuilding();
        }
        position.require(least);
        response.setHeader(QueryHeaders.POSITION, String.valueOf(position.reached()));
    }
}
