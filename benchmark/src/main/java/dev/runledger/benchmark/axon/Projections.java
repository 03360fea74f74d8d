package dev.runledger.benchmark.axon;

import dev.runledger.benchmark.load.Sample;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.axonframework.config.EventProcessingConfiguration;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** The two processors, of which none runs unless it is measured. */
@Configuration(proxyBeanMethods = false)
class Projections {

    static final String BY_ONE = "by-one";
    static final String BY_HUNDRED = "by-hundred";

    @ProcessingGroup(BY_ONE)
    static final class ByOne extends Projection {
        ByOne(ExecutionRows executions, StepRows steps, JdbcTemplate jdbc) {
            super(executions, steps, jdbc);
        }
    }

    @ProcessingGroup(BY_HUNDRED)
    static final class ByHundred extends Projection {
        ByHundred(ExecutionRows executions, StepRows steps, JdbcTemplate jdbc) {
            super(executions, steps, jdbc);
        }
    }

    @Bean
    ByOne byOne(ExecutionRows executions, StepRows steps, JdbcTemplate jdbc) {
        return new ByOne(executions, steps, jdbc);
    }

    @Bean
    ByHundred byHundred(ExecutionRows executions, StepRows steps, JdbcTemplate jdbc) {
        return new ByHundred(executions, steps, jdbc);
    }

    static void stop(EventProcessingConfiguration processing) {
        processing.eventProcessors().values().forEach(processor -> processor.shutDown());
    }

    /**
     * Events a second of a replay from the first event, for as long as {@code duration} from the first one handled. The
     * log must hold more than that.
     */
    static Sample replay(EventProcessingConfiguration processing, String name, Projection projection, Duration duration)
            throws InterruptedException {
        var processor =
                processing.eventProcessor(name, StreamingEventProcessor.class).orElseThrow();
        projection.empty();
        processor.resetTokens();
        var before = projection.handled();
        processor.start();
        try {
            while (projection.handled() == before) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            var first = projection.handled();
            var begin = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(duration.toNanos());
            return Sample.rate(projection.handled() - first, System.nanoTime() - begin);
        } finally {
            processor.shutDown();
        }
    }
}
