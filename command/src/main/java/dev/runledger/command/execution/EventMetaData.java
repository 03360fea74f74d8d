package dev.runledger.command.execution;

import dev.runledger.events.EventJson;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** What is stored beside each event of an execution: who sent the command behind it, and under which names. */
final class EventMetaData {

    static final String COMMAND_ID = "commandId";
    private static final String QUOTED_COMMAND_ID = '"' + COMMAND_ID + '"';

    private EventMetaData() {}

    static MetaData of(Origin origin) {
        var metaData = MetaData.with("actor", origin.actor()).and("requestId", origin.requestId());
        return origin.traceparent() == null ? metaData : metaData.and("traceparent", origin.traceparent());
    }

    /** {@code origin}, with what is the command's own. */
    static MetaData of(MetaData origin, Submission submission) {
        var metaData = origin.and(PostgresEventStorageEngine.OCCURRED_AT, EventJson.format(submission.occurredAt()));
        return submission.commandId() == null ? metaData : metaData.and(COMMAND_ID, submission.commandId());
    }

    /** The id of the command behind an event, by its metadata as stored; null when it had none. */
    static @Nullable String commandId(String stored) {
        if (!stored.contains(QUOTED_COMMAND_ID)) {
            return null;
        }
        try (var in = EventJson.mapper().createParser(stored)) {
            in.nextToken();
            for (var name = in.nextName(); name != null; name = in.nextName()) {
                var value = in.nextToken();
                if (name.equals(COMMAND_ID)) {
                    return value == JsonToken.VALUE_STRING ? in.getString() : null;
                }
                in.skipChildren();
            }
            return null;
        }
    }
}
