package dev.runledger.query.projection;

import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.ReadModelSchema;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The projection's token as one row with a plain number, moved in the transaction that writes the rows. The row is
 * made with the tables. One node at a time holds the claim on it, none while the projection is paused.
 */
class ReadModelTokenStore implements TokenStore {

    private final JdbcClient jdbc;
    private final ProjectionNode node;
    private final ReadModelPosition position;

    ReadModelTokenStore(JdbcClient jdbc, ProjectionNode node, ReadModelPosition position) {
        this.jdbc = jdbc;
        this.node = node;
        this.position = position;
    }

    @Override
    public void storeToken(@Nullable TrackingToken token, String processorName, int segment) {
        var moved = jdbc.sql("""
                update read_model.projection_token
                set position = :position,
                  claimed_at = clock_timestamp()
                where name = :name
                  and owner = :node
                """)
                .param("position", token == null ? 0 : token.position().orElseThrow())
                .param("name", processorName)
                .param("node", node.id())
                .update();
        claimHeld(moved == 1, processorName);
    }

    @Override
    public @Nullable TrackingToken fetchToken(String processorName, int segment) {
        var claimed = jdbc.sql("""
                update read_model.projection_token
                set owner = :node,
                  claimed_at = clock_timestamp()
                where name = :name
                  and code_version = :codeVersion
                  and paused_at is null
                  and (owner is null or owner = :node or claimed_at < clock_timestamp() - interval '10 seconds')
                returning position
                """)
                .param("name", processorName)
                .param("node", node.id())
                .param("codeVersion", ReadModelSchema.CODE_VERSION)
                .query(Long.class)
                .optional();
        claimHeld(claimed.isPresent(), processorName);
        position.advancedTo(claimed.orElseThrow());
        return claimed.get() == 0 ? null : new GlobalSequenceTrackingToken(claimed.get());
    }

    @Override
    public void extendClaim(String processorName, int segment) {
        var extended = jdbc.sql("""
                update read_model.projection_token
                set claimed_at = clock_timestamp()
                where name = :name
                  and owner = :node
                """)
                .param("name", processorName)
                .param("node", node.id())
                .update();
        claimHeld(extended == 1, processorName);
    }

    @Override
    public void releaseClaim(String processorName, int segment) {
        position.foldedHere(false);
        jdbc.sql("""
                update read_model.projection_token
                set owner = null
                where name = :name
                  and owner = :node
                """).param("name", processorName).param("node", node.id()).update();
    }

    @Override
    public boolean requiresExplicitSegmentInitialization() {
        return false;
    }

    @Override
    public int[] fetchSegments(String processorName) {
        return new int[] {0};
    }

    @Override
    public List<Segment> fetchAvailableSegments(String processorName) {
        return List.of(Segment.ROOT_SEGMENT);
    }

    @Override
    public Optional<String> retrieveStorageIdentifier() {
        return Optional.of("read_model");
    }

    private void claimHeld(boolean held, String processorName) {
        position.foldedHere(held);
        if (!held) {
            throw new UnableToClaimTokenException(
                    processorName + " is paused, or its tables were replaced, or another node folds the log into them");
        }
    }
}
