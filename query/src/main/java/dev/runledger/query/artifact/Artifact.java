package dev.runledger.query.artifact;

import dev.runledger.events.Json;
import dev.runledger.query.PartKey;
import dev.runledger.query.TimeText;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A row of {@code artifacts}; written by {@link ArtifactProjection} alone. */
@Entity
@Immutable
@IdClass(PartKey.class)
@Table(schema = "read_model", name = "artifacts")
@SuppressWarnings("NullAway.Init")
class Artifact {

    @Id
    private String namespace;

    @Id
    private UUID executionId;

    @Id
    private long version;

    private String artifactId;
    private @Nullable String stepId;
    private @Nullable Integer iteration;
    private String type;
    private String name;
    private @Nullable String uri;
    private @Nullable String path;
    private @Nullable Long sizeBytes;
    private @Nullable String contentType;
    private @Nullable String sha256;
    private @Nullable Json metadata;

    @Convert(converter = TimeText.class)
    private String recordedAt;

    protected Artifact() {}

    long version() {
        return version;
    }
}
