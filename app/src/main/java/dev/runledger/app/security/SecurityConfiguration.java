package dev.runledger.app.security;

import dev.runledger.app.web.FilterOrder;
import dev.runledger.app.web.ProblemWriter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Puts the guard before every request: the key where there is one, the loopback rules where there is none. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    private static final Logger log = LoggerFactory.getLogger(SecurityConfiguration.class);

    @Bean
    FilterRegistrationBean<Filter> accessFilter(Environment environment, ProblemWriter problems) {
        BindAddressCheck.check(environment);
        String key = environment.getProperty("runledger.api-key");
        if (key == null) {
            log.warn(
                    "No API key is set: everyone on this machine may use this server, which listens on {} only; set"
                            + " RUNLEDGER_API_KEY to close it",
                    environment.getProperty("server.address"));
            return first(new LoopbackFilter(problems), FilterOrder.ACCESS);
        }
        return first(new ApiKeyFilter(ApiKey.of(key), problems), FilterOrder.ACCESS);
    }

    @Bean
    FilterRegistrationBean<Filter> namespaceFilter(ProblemWriter problems) {
        return first(new NamespaceFilter(problems), FilterOrder.NAMESPACE);
    }

    private static FilterRegistrationBean<Filter> first(Filter filter, int order) {
        var registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.setDispatcherTypes(DispatcherType.REQUEST);
        registration.setAsyncSupported(true);
        return registration;
    }
}
