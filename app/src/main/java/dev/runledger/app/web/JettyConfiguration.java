package dev.runledger.app.web;

import org.eclipse.jetty.ee11.servlet.ServletHandler;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.jetty.ConfigurableJettyWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Jetty's settings that have no property. */
@Configuration(proxyBeanMethods = false)
class JettyConfiguration {

    /** Names in path segments are the executors' own: an encoded {@code /}, {@code %}, or {@code ;} is part of them. */
    private static final UriCompliance NAMES_IN_SEGMENTS = UriCompliance.DEFAULT.with(
            "NAMES_IN_SEGMENTS",
            UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
            UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING,
            UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS);

    /** Hundreds of workers that connect at once are not left to their second attempt, which comes after a second. */
    private static final int MOST_UNACCEPTED = 1_024;

    @Bean
    WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory> jettySettings(JsonMapper json) {
        return factory -> factory.addServerCustomizers(server -> configure(server, json));
    }

    private static void configure(Server server, JsonMapper json) {
        for (var connector : server.getConnectors()) {
            if (connector instanceof ServerConnector listening) {
                listening.setAcceptQueueSize(MOST_UNACCEPTED);
            }
            connector.getConnectionFactories().stream()
                    .filter(HttpConfiguration.ConnectionFactory.class::isInstance)
                    .map(HttpConfiguration.ConnectionFactory.class::cast)
                    .forEach(http -> {
                        http.getHttpConfiguration().setUriCompliance(NAMES_IN_SEGMENTS);
                        http.getHttpConfiguration().setSendServerVersion(false);
                    });
        }
        server.getContainedBeans(ServletHandler.class).forEach(handler -> handler.setDecodeAmbiguousURIs(true));
        server.setErrorHandler(new JettyProblems(json));
    }
}
