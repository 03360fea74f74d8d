package dev.runledger.benchmark.jpa;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.UUID;

/** The key of an execution's row. */
@Embeddable
record ExecutionKey(
        @Column(name = "namespace") String namespace,
        @Column(name = "execution_id") UUID executionId) {}
