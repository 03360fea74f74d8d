package dev.runledger.command.execution;

import dev.runledger.command.http.BadInput;
import dev.runledger.command.http.BodyReader;
import dev.runledger.command.http.CommandHeaders;
import dev.runledger.command.http.Fields;
import dev.runledger.command.http.Problem;
import dev.runledger.eventstore.AppendRefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** A request that is one command: read, applied and answered. */
final class SingleCommand {

    private final ExecutionCommands commands;
    private final CommandReader reader;
    private final CommandMeters meters;

    SingleCommand(ExecutionCommands commands, CommandReader reader, CommandMeters meters) {
        this.commands = commands;
        this.reader = reader;
        this.meters = meters;
    }

    /** 201 with a Location when the command created its execution, else 200. */
    ResponseEntity<CommandAnswer> create(HttpServletRequest request) throws IOException {
        return handle(CommandName.START_EXECUTION, request, reader::creation);
    }

    ResponseEntity<CommandAnswer> onExecution(CommandName name, String executionId, HttpServletRequest request)
            throws IOException {
        return handle(
                name,
                request,
                (namespace, body, headers) -> reader.on(path(executionId, null), namespace, name, body, headers));
    }

    ResponseEntity<CommandAnswer> onStep(
            CommandName name, String executionId, String stepId, HttpServletRequest request) throws IOException {
        return handle(
                name,
                request,
                (namespace, body, headers) -> reader.on(path(executionId, stepId), namespace, name, body, headers));
    }

    @FunctionalInterface
    private interface Reading {
        ReceivedCommand read(String namespace, BodyReader.Body body, CommandHeaders headers);
    }

    private ResponseEntity<CommandAnswer> handle(CommandName name, HttpServletRequest request, Reading reading)
            throws IOException {
        var start = System.nanoTime();
        try {
            var from = RequestOrigin.of(request);
            var body = body(name, request);
            var received = read(name, () -> reading.read(from.namespace(), body, CommandHeaders.of(request)));
            return answer(received, apply(received, from.origin()), body.json().isArray());
        } finally {
            meters.timer(name).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }

    private BodyReader.Body body(CommandName name, HttpServletRequest request) throws IOException {
        try {
            return BodyReader.read(request);
        } catch (Problem e) {
            meters.bad(name);
            throw e;
        }
    }

    private ReceivedCommand read(CommandName name, Supplier<ReceivedCommand> reading) {
        try {
            return reading.get();
        } catch (BadInput e) {
            meters.bad(name);
            throw e;
        }
    }

    private static Address.Path path(String executionId, @Nullable String stepId) {
        var id = Fields.uuidOf(executionId);
        if (id == null) {
            throw new BadInput("/executionId", "in the path must be a UUID");
        }
        var trouble = stepId == null ? null : Fields.labelTrouble(stepId, CommandBodies.MAX_LABEL);
        if (trouble != null) {
            throw new BadInput("/stepId", "in the path " + trouble);
        }
        return new Address.Path(id, stepId);
    }

    private Outcome.Accepted apply(ReceivedCommand received, Origin origin) {
        try (var ignored =
                MDC.putCloseable("executionId", received.execution().id().toString())) {
            var outcome = commands.apply(received.execution(), List.of(received.submission()), false, origin)
                    .getFirst();
            meters.applied(received.name(), outcome);
            return switch (outcome) {
                case Outcome.Accepted accepted -> accepted;
                case Outcome.Refused refused -> throw new CommandRefused(refused.rejection());
            };
        } catch (CommandRefused e) {
            throw e;
        } catch (AppendRefusedException e) {
            meters.failed(received.name());
            throw new Problem(Problem.refusedByLog(String.valueOf(e.getMessage())));
        } catch (ConcurrencyException e) {
            meters.failed(received.name());
            throw Problem.retryAfter(1, Problem.busy());
        } catch (RuntimeException e) {
            meters.failed(received.name());
            throw e;
        }
    }

    private static ResponseEntity<CommandAnswer> answer(
            ReceivedCommand received, Outcome.Accepted accepted, boolean array) {
        var id = received.execution().id();
        var created = accepted.effect() == Outcome.Effect.CREATED;
        var answer = ResponseEntity.status(created ? HttpStatus.CREATED : HttpStatus.OK)
                .eTag("\"" + accepted.version() + "\"")
                .header("Runledger-Position", Long.toString(accepted.position()));
        if (created) {
            answer.location(URI.create("/api/v1/executions/" + id));
        }
        return answer.body(CommandAnswer.of(id, accepted, array));
    }
}
