package dev.runledger.command.execution;

import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the endpoints of the write side share. The clock, the meters and {@link ExecutionCommands} come from outside. */
@Configuration(proxyBeanMethods = false)
public class CommandHttpConfiguration {

    @Bean
    CommandReader commandReader(Clock clock) {
        return new CommandReader(clock, Generators.timeBasedEpochGenerator()::generate);
    }

    @Bean
    CommandMeters commandMeters(MeterRegistry registry) {
        return new CommandMeters(registry);
    }

    @Bean
    SingleCommand singleCommand(ExecutionCommands commands, CommandReader reader, CommandMeters meters) {
        return new SingleCommand(commands, reader, meters);
    }
}
