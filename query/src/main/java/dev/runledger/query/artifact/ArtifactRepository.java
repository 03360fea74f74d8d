package dev.runledger.query.artifact;

import dev.runledger.query.PartKey;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The artifacts of one execution at a time: each condition leads with its part of the primary key. */
interface ArtifactRepository extends Repository<Artifact, PartKey>, JpaSpecificationExecutor<Artifact> {

    /** The version of the artifact that has {@code skipped} others between it and {@code after}. */
    @Query("""
            select a.version
            from Artifact a
            where a.namespace = :namespace
              and a.executionId = :executionId
              and a.version > :after
            order by a.version
            offset :skipped rows
            fetch first 1 row only
            """)
    Optional<Long> versionBehind(String namespace, UUID executionId, long after, int skipped);

    /** A range of the primary key. */
    static Specification<Artifact> ofExecution(String namespace, UUID executionId, long after) {
        return (artifact, query, is) -> is.and(
                is.equal(artifact.get("namespace"), namespace),
                is.equal(artifact.get("executionId"), executionId),
                is.greaterThan(artifact.<Long>get("version"), after));
    }

    static Specification<Artifact> upTo(long version) {
        return (artifact, query, is) -> is.lessThanOrEqualTo(artifact.<Long>get("version"), version);
    }

    static Specification<Artifact> with(String attribute, String value) {
        return (artifact, query, is) -> is.equal(artifact.get(attribute), value);
    }
}
