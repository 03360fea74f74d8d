package dev.runledger.query.checkpoint;

import dev.runledger.query.PartKey;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.repository.Repository;

/** The checkpoints of one execution at a time: each method reads a range of the primary key. */
interface CheckpointRepository extends Repository<ExecutionCheckpoint, PartKey> {

    List<CheckpointItem> findByNamespaceAndExecutionIdAndVersionGreaterThanOrderByVersion(
            String namespace, UUID executionId, long after, Limit limit);

    Optional<ExecutionCheckpoint> findFirstByNamespaceAndExecutionIdOrderByVersionDesc(
            String namespace, UUID executionId);
}
