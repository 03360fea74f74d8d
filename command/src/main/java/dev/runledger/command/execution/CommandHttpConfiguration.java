package dev.runledger.command.execution;

import com.fasterxml.uuid.Generators;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the endpoints of the write side share. The clock is the system's where there is no other. */
@Configuration(proxyBeanMethods = false)
public class CommandHttpConfiguration {

    @Bean
    CommandReader commandReader(ObjectProvider<Clock> clock) {
        return new CommandReader(
                clock.getIfAvailable(Clock::systemUTC), Generators.timeBasedEpochGenerator()::generate);
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
