package dev.runledger.query;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Gives handler methods their {@link QueryParameters}, of which only those may be given that the method takes. */
public final class TakenParameters implements HandlerMethodArgumentResolver {

    private final Map<Method, Set<String>> known = new ConcurrentHashMap<>();

    /** What {@code handler} takes, in the order of its declaration. */
    public static Set<Parameter> of(AnnotatedElement handler) {
        var takes = AnnotatedElementUtils.findMergedAnnotation(handler, Takes.class);
        if (takes == null) {
            return Set.of();
        }
        var taken = new LinkedHashSet<>(List.of(takes.value()));
        List.of(takes.without()).forEach(taken::remove);
        return taken;
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == QueryParameters.class;
    }

    @Override
    public QueryParameters resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        var known = this.known.computeIfAbsent(
                Objects.requireNonNull(parameter.getMethod()),
                handler -> of(handler).stream().map(Parameter::text).collect(Collectors.toUnmodifiableSet()));
        return QueryParameters.of(Objects.requireNonNull(request.getNativeRequest(HttpServletRequest.class)), known);
    }
}
