package dev.runledger.query.artifact;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;

/** An artifact with its metadata, as part of one execution's answer. */
public record ArtifactAnswer(@JsonUnwrapped ArtifactItem item, Json metadata) {

    private static final Json EMPTY_OBJECT = Json.of("{}");

    static ArtifactAnswer read(ResultSet row, int number) throws SQLException {
        return new ArtifactAnswer(ArtifactItem.read(row, number), Columns.json(row, "metadata", EMPTY_OBJECT));
    }
}
