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

/** A step in the baseline's read model. */
@Entity
@Table(name = "steps")
class StepRow implements Persistable<String> {

    /** Execution and step in one, which is the quickest key for JPA. */
    @Id
    private @Nullable String id;

    @Column(name = "execution_id")
    private @Nullable UUID executionId;

    private @Nullable String name;
    private @Nullable String status;
    private int attempt;

    @Column(name = "rows_out")
    private long rowsOut;

    @Column(name = "started_at")
    private @Nullable Instant startedAt;

    @Column(name = "ended_at")
    private @Nullable Instant endedAt;

    @Transient
    private boolean fresh;

    StepRow() {
        // For JPA.
    }

    StepRow(Messages.StepStarted event) {
        id = key(event.executionId(), event.stepId());
        executionId = event.executionId();
        name = event.name();
        status = "RUNNING";
        attempt = event.attempt();
        startedAt = event.occurredAt();
        fresh = true;
    }

    static String key(UUID executionId, String stepId) {
        return executionId + "/" + stepId;
    }

    void completed(Messages.StepCompleted event) {
        status = "COMPLETED";
        endedAt = event.occurredAt();
        rowsOut = event.output().stream().mapToLong(Messages.Output::rows).sum();
    }

    @Override
    public @Nullable String getId() {
        return id;
    }

    /** Else Spring Data would look for a row before it inserts one. */
    @Override
    public boolean isNew() {
        return fresh;
    }
}
