package dev.runledger.command.execution;

import dev.runledger.command.http.BadInput;
import dev.runledger.command.http.BodyReader.Body;
import dev.runledger.command.http.CommandHeaders;
import dev.runledger.command.http.Fields;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Turns JSON into commands: the body of a single request and the line of a batch read the same. Everything that is
 * wrong with one is told at once, as {@link BadInput}.
 */
public final class CommandReader {

    private final Clock clock;
    private final Supplier<UUID> newId;

    /** @param newId makes UUIDv7 for executions and checkpoints that come without an id */
    public CommandReader(Clock clock, Supplier<UUID> newId) {
        this.clock = clock;
        this.newId = newId;
    }

    /**
     * The command of one line of a batch.
     *
     * @param bytes of the line's text
     * @throws BadInput also for the name of no command
     */
    public ReceivedCommand line(String namespace, JsonNode line, int bytes) {
        var body = Fields.of(line);
        var name = body.choice("command", CommandName.BY_NAME);
        if (name == null) {
            body.required("command", name, CommandName.START_EXECUTION);
            body.throwIfWrong();
            throw new BadInput("/command", "is required");
        }
        return reading(namespace, new Address.Line(), body, bytes, CommandHeaders.NONE)
                .command(name);
    }

    /** The command that creates an execution: ScheduleExecution where the body says {@code "start": false}. */
    ReceivedCommand creation(String namespace, Body body, CommandHeaders headers) {
        return reading(namespace, new Address.Collection(), Fields.of(body.json()), body.bytes(), headers)
                .command(CommandName.START_EXECUTION);
    }

    /** The command called {@code name} on what {@code path} names; {@code body} may be an array for ScheduleStep. */
    ReceivedCommand on(Address.Path path, String namespace, CommandName name, Body body, CommandHeaders headers) {
        if (name == CommandName.SCHEDULE_STEP && body.json().isArray()) {
            var items = Fields.ofItems(body.json(), CommandBodies.MAX_STEPS);
            return reading(namespace, path, items.getFirst(), body.bytes(), headers)
                    .scheduleSteps(items);
        }
        return reading(namespace, path, Fields.of(body.json()), body.bytes(), headers)
                .command(name);
    }

    private CommandReading reading(String namespace, Address address, Fields body, int bytes, CommandHeaders headers) {
        return new CommandReading(namespace, address, body, bytes, headers, clock.instant(), newId);
    }
}
