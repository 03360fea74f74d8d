package dev.runledger.app.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.EnumSet;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The filters around every request. */
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

    private static FilterRegistrationBean<Filter> registration(
            Filter filter, int order, EnumSet<DispatcherType> dispatches) {
        var registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.setDispatcherTypes(dispatches);
        registration.setAsyncSupported(true);
        return registration;
    }
}
