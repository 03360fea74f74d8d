package dev.runledger.app.log;

import java.util.List;
import java.util.Map;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.Configurer;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.serialization.Serializer;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Axon, made of the parts that the modules declare and nothing that it would look for by itself (ADR 0009). */
@Configuration(proxyBeanMethods = false)
class AxonConfiguration {

    /**
     * Handles commands while the context lives: it is closed after the web server, whose requests it serves.
     *
     * @param modules the aggregates that the modules make known
     */
    @Bean(initMethod = "start", destroyMethod = "shutdown")
    org.axonframework.config.Configuration axon(
            EventStore eventStore,
            CommandBus commandBus,
            @Qualifier("eventSerializer") Serializer serializer,
            List<ConfigurerModule> modules) {
        Configurer configurer = DefaultConfigurer.defaultConfiguration(false)
                .configureEventStore(axon -> eventStore)
                .configureCommandBus(axon -> commandBus)
                .configureSerializer(axon -> serializer)
                // An event's metadata is what the command handler says and nothing more.
                .configureCorrelationDataProviders(axon -> List.of(message -> Map.of()));
        modules.forEach(module -> module.configureModule(configurer));
        return configurer.buildConfiguration();
    }

    @Bean
    CommandGateway commandGateway(org.axonframework.config.Configuration axon) {
        return axon.commandGateway();
    }
}
