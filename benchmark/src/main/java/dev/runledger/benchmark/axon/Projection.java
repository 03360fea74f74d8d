package dev.runledger.benchmark.axon;

import java.util.concurrent.atomic.LongAdder;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.JdbcTemplate;

/** Folds events into rows by JPA. One class, two processors: Axon's batch of one event, and a batch of 100. */
class Projection {

    private final ExecutionRows executions;
    private final StepRows steps;
    private final JdbcTemplate jdbc;
    private final LongAdder handled = new LongAdder();

    Projection(ExecutionRows executions, StepRows steps, JdbcTemplate jdbc) {
        this.executions = executions;
        this.steps = steps;
        this.jdbc = jdbc;
    }

    long handled() {
        return handled.sum();
    }

    /** Empties the tables. */
    void empty() {
        jdbc.execute("truncate executions, steps");
    }

    @EventHandler
    void on(Messages.ExecutionStarted event) {
        executions.save(new ExecutionRow(event));
        handled.increment();
    }

    @EventHandler
    void on(Messages.StepStarted event) {
        steps.save(new StepRow(event));
        handled.increment();
    }

    @EventHandler
    void on(Messages.StepCompleted event) {
        steps.findById(StepRow.key(event.executionId(), event.stepId())).ifPresent(step -> {
            step.completed(event);
            steps.save(step);
        });
        executions.findById(event.executionId()).ifPresent(execution -> {
            execution.stepCompleted();
            executions.save(execution);
        });
        handled.increment();
    }

    @EventHandler
    void on(Messages.ExecutionCompleted event) {
        executions.findById(event.executionId()).ifPresent(execution -> {
            execution.completed(event.occurredAt());
            executions.save(execution);
        });
        handled.increment();
    }
}
