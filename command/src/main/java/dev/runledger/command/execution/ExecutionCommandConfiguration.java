package dev.runledger.command.execution;

import dev.runledger.eventstore.EventLog;
import io.micrometer.core.instrument.MeterRegistry;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
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
    SnapshotWriter snapshotWriter(EventStorageEngine engine) {
        return new SnapshotWriter(engine);
    }

    @Bean
    ExecutionStates executionStates(
            EventLog log,
            EventStorageEngine engine,
            SnapshotWriter snapshots,
            ExecutionCacheProperties cache,
            MeterRegistry registry) {
        var states = new ExecutionStates(new ExecutionReader(log, engine), snapshots, cache.bytes());
        CommandMeters.watch(states, registry);
        return states;
    }

    @Bean
    ConfigurerModule executionAggregate(ExecutionStates states) {
        return configurer -> configurer.configureAggregate(ExecutionRepository.aggregate(states));
    }

    @Bean
    ExecutionCommands executionCommands(CommandGateway gateway, ExecutionStates states) {
        return new ExecutionCommands(gateway, states, Mailboxes.Limits.USUAL);
    }
}
