package dev.runledger.benchmark.jpa;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import jakarta.persistence.Column;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An execution with everything, shown as JSON as it is. */
@Entity
@Table(schema = "read_model", name = "executions")
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
class ExecutionRow {

    @EmbeddedId
    @JsonUnwrapped
    private @Nullable ExecutionKey key;

    @Column(name = "version")
    private long version;

    @Column(name = "position")
    private long position;

    @Column(name = "workflow")
    private @Nullable String workflow;

    @Column(name = "workflow_version")
    private @Nullable Integer workflowVersion;

    @Column(name = "type")
    private @Nullable String type;

    @Column(name = "status")
    private @Nullable String status;

    @Column(name = "attempt")
    private int attempt;

    @Column(name = "agent_id")
    private @Nullable String agentId;

    @Column(name = "customer_id")
    private @Nullable String customerId;

    @Column(name = "external_id")
    private @Nullable String externalId;

    @Column(name = "parent_execution_id")
    private @Nullable UUID parentExecutionId;

    @Column(name = "parent_step_id")
    private @Nullable String parentStepId;

    @JsonRawValue
    @Column(name = "tags")
    private @Nullable String tags;

    @Column(name = "error_message")
    private @Nullable String errorMessage;

    @Column(name = "error_type")
    private @Nullable String errorType;

    @Column(name = "created_at")
    private @Nullable Instant createdAt;

    @Column(name = "started_at")
    private @Nullable Instant startedAt;

    @Column(name = "ended_at")
    private @Nullable Instant endedAt;

    @Column(name = "duration_ms")
    private @Nullable Long durationMs;

    @Column(name = "clock_skew")
    private boolean clockSkew;

    @Column(name = "deadline_at")
    private @Nullable Instant deadlineAt;

    @Column(name = "iterations")
    private int iterations;

    @JsonRawValue
    @Column(name = "step_counts")
    private @Nullable String stepCounts;

    @Column(name = "artifact_count")
    private int artifactCount;

    @Column(name = "error_stack_trace")
    private @Nullable String errorStackTrace;

    @JsonRawValue
    @Column(name = "error_details")
    private @Nullable String errorDetails;

    @JsonRawValue
    @Column(name = "metadata")
    private @Nullable String metadata;

    @JsonRawValue
    @Column(name = "input")
    private @Nullable String input;

    @JsonRawValue
    @Column(name = "output")
    private @Nullable String output;
}
