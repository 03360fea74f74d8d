package dev.runledger.app.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.EnumSet;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The filters around every request, and how its method is found. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {

    @Bean
    FilterRegistrationBean<Filter> requestIdFilter() {
        return registration(
                new RequestIdFilter(),
                FilterOrder.REQUEST_ID,
                EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
    }

    @Bean
    FilterRegistrationBean<Filter> faultFilter(ProblemWriter problems) {
        return registration(new FaultFilter(problems), FilterOrder.FAULT, EnumSet.of(DispatcherType.REQUEST));
    }

    @Bean
    WebMvcRegistrations handlerMapping() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new LengthwiseHandlerMapping();
            }
        };
    }

    private static FilterRegistrationBean<Filter> registration(
            Filter filter, int order, EnumSet<DispatcherType> dispatches) {
        var registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.setDispatcherTypes(dispatches);
        registration.setAsyncSupported(true);
        return registration;
    }
}
