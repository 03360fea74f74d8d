package dev.runledger.benchmark.axon;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** An execution in the baseline's read model. */
@Entity
@Table(name = "executions")
class ExecutionRow implements Persistable<UUID> {

    @Id
    private @Nullable UUID id;

    private @Nullable String workflow;

    @Column(name = "agent_id")
    private @Nullable String agentId;

    private @Nullable String status;

    @Column(name = "started_at")
    private @Nullable Instant startedAt;

    @Column(name = "ended_at")
    private @Nullable Instant endedAt;

    @Column(name = "steps_completed")
    private int stepsCompleted;

    @Transient
    private boolean fresh;

    ExecutionRow() {
        // For JPA.
    }

    ExecutionRow(Messages.ExecutionStarted event) {
        id = event.executionId();
        workflow = event.workflow();
        agentId = event.agentId();
        status = "RUNNING";
        startedAt = event.occurredAt();
        fresh = true;
    }

    void stepCompleted() {
        stepsCompleted++;
    }

    void completed(Instant at) {
        status = "COMPLETED";
        endedAt = at;
    }

    @Override
    public @Nullable UUID getId() {
        return id;
    }

    /** Else Spring Data would look for a row before it inserts one. */
    @Override
    public boolean isNew() {
        return fresh;
    }
}
