package dev.runledger.command.execution;

import dev.runledger.eventstore.EventLog;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.ConfigurerModule;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes executions known to Axon. */
@Configuration(proxyBeanMethods = false)
class ExecutionCommandConfiguration {

    /** Without a transaction manager: the engine commits each append, and an answer leaves only after that. */
    @Bean
    CommandBus commandBus() {
        return SimpleCommandBus.builder().build();
    }

    @Bean
    ConfigurerModule executionAggregate() {
        return configurer -> configurer.configureAggregate(AggregateConfigurer.defaultConfiguration(Execution.class));
    }

    @Bean
    ExecutionCommands executionCommands(CommandGateway gateway, EventLog log) {
        return new ExecutionCommands(gateway, log);
    }
}
