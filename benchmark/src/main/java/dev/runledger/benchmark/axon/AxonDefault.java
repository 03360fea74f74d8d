package dev.runledger.benchmark.axon;

import dev.runledger.benchmark.load.Callers;
import dev.runledger.benchmark.load.Orders;
import dev.runledger.benchmark.load.Sample;
import java.time.Duration;
import java.util.Map;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.EventProcessingConfiguration;
import org.axonframework.serialization.jackson3.Jackson3SerializerCustomizer;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

/**
 * Axon as its starter sets it up: JPA event storage, one transaction a command, no cache, no snapshots. What differs from
 * the defaults makes it quicker or makes it work at all: {@code bytea}, Jackson 3, virtual threads, Jetty.
 */
@SpringBootApplication
public class AxonDefault {

    /** Else Axon 4.13 cannot read the token of a replay. */
    @Bean
    Jackson3SerializerCustomizer replayTokens() {
        return json -> json.polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder()
                .allowIfSubType("org.axonframework.")
                .allowIfSubType("java.lang.")
                .allowIfSubType("java.util.")
                .build());
    }

    public static void main(String[] arguments) throws Exception {
        var application = new SpringApplicationBuilder(AxonDefault.class)
                .properties(Map.ofEntries(
                        Map.entry("spring.jpa.open-in-view", "false"),
                        Map.entry("spring.jpa.hibernate.ddl-auto", "none"),
                        Map.entry("spring.jpa.database-platform", ByteaDialect.class.getName()),
                        Map.entry("spring.threads.virtual.enabled", "true"),
                        Map.entry("server.address", "127.0.0.1"),
                        Map.entry("axon.serializer.general", "jackson3"),
                        Map.entry("axon.serializer.events", "jackson3"),
                        Map.entry("axon.serializer.messages", "jackson3"),
                        Map.entry("axon.update-check.disabled", "true"),
                        Map.entry("axon.eventhandling.processors." + Projections.BY_ONE + ".mode", "pooled"),
                        Map.entry("axon.eventhandling.processors." + Projections.BY_HUNDRED + ".mode", "pooled"),
                        Map.entry("axon.eventhandling.processors." + Projections.BY_HUNDRED + ".batch-size", "100")));
        try (var context = application.run(arguments)) {
            var processing = context.getBean(EventProcessingConfiguration.class);
            Projections.stop(processing);
            var workload = new Workload(context.getBean(CommandGateway.class));
            var byOne = context.getBean(Projections.ByOne.class);
            var byHundred = context.getBean(Projections.ByHundred.class);
            Orders.serve(Map.of(
                    "lives",
                    (callers, duration) -> Callers.virtual(callers, duration, number -> workload.lives()),
                    "hot",
                    (callers, duration) -> hot(workload, callers, duration),
                    Projections.BY_ONE,
                    (callers, duration) -> Projections.replay(processing, Projections.BY_ONE, byOne, duration),
                    Projections.BY_HUNDRED,
                    (callers, duration) ->
                            Projections.replay(processing, Projections.BY_HUNDRED, byHundred, duration)));
        }
    }

    private static Sample hot(Workload workload, int callers, Duration duration) throws Exception {
        var execution = workload.hotExecution();
        return Callers.virtual(callers, duration, number -> workload.worker(execution, number));
    }
}
