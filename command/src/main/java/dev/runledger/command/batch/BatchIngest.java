package dev.runledger.command.batch;

import dev.runledger.command.execution.CommandMeters;
import dev.runledger.command.execution.CommandName;
import dev.runledger.command.execution.CommandReader;
import dev.runledger.command.execution.ExecutionCommands;
import dev.runledger.command.execution.ReceivedCommand;
import dev.runledger.command.execution.RequestOrigin;
import dev.runledger.command.http.BadInput;
import dev.runledger.command.http.BodyReader;
import dev.runledger.command.http.Fields;
import dev.runledger.command.http.NotJson;
import dev.runledger.command.http.Problem;
import dev.runledger.command.http.StrictJson;
import dev.runledger.events.execution.ExecutionId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Reads a batch, has its lines applied, and sends the results as far as the client takes them: the request's thread
 * reads, another one sends, and a {@link ResultSpool} between them keeps each from waiting for the other.
 */
@Component
final class BatchIngest {

    static final MediaType NDJSON = new MediaType("application", "x-ndjson");

    /** Results that wait for the client in memory; more of them wait in a file. */
    private static final int SPOOL_MEMORY = 1 << 20;

    private final ExecutionCommands commands;
    private final CommandReader reader;
    private final CommandMeters meters;

    BatchIngest(ExecutionCommands commands, CommandReader reader, CommandMeters meters) {
        this.commands = commands;
        this.reader = reader;
        this.meters = meters;
    }

    /** Returns when the client has every result, or is gone. */
    void take(HttpServletRequest request, HttpServletResponse response, boolean ndjson, boolean stopAtRefusal)
            throws IOException {
        var from = RequestOrigin.of(request);
        try (var spool = new ResultSpool(SPOOL_MEMORY)) {
            var format = ndjson ? ResultFormat.lines(spool) : ResultFormat.array(spool);
            var run = new BatchRun(
                    (execution, submissions) -> commands.apply(execution, submissions, stopAtRefusal, from.origin()),
                    stopAtRefusal,
                    new LineResults(request.getRequestURI(), from.origin().requestId()),
                    format,
                    meters,
                    Limits.USUAL);
            var lines = lines(request, ndjson, run);
            response.setStatus(HttpServletResponse.SC_OK);
            response.setContentType(ndjson ? NDJSON.toString() : MediaType.APPLICATION_JSON_VALUE);
            // The run ends before the sender is waited for: nothing is applied for a client that is gone.
            try (var sender = Sender.start(spool, response.getOutputStream(), run::abort);
                    run) {
                read(lines, from.namespace(), run);
                run.finish();
                if (!run.isAborted()) {
                    format.end();
                    sender.finish();
                }
                run.requireResults();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while taking a batch");
            }
        }
    }

    private static LineSource lines(HttpServletRequest request, boolean ndjson, BatchRun run) throws IOException {
        var in = new PausingInput(request.getInputStream(), run::flush);
        if (ndjson) {
            return new NdjsonLines(in, BodyReader.MAX_COMMAND_BYTES);
        }
        var array = new ArrayLines(in, BodyReader.MAX_COMMAND_BYTES);
        if (!array.begin()) {
            BodyReader.drain(request);
            throw new BadInput("", "must be a JSON array of commands");
        }
        return array;
    }

    private void read(LineSource lines, String namespace, BatchRun run) throws IOException, InterruptedException {
        for (var line = lines.next(); line != null && !run.isAborted(); line = lines.next()) {
            meters.line();
            switch (line) {
                case RawLine.Text text -> read(text, lines, namespace, run);
                case RawLine.TooLarge large ->
                    refuse(large.number(), Problem.tooLarge(BodyReader.MAX_COMMAND_BYTES), run);
                case RawLine.Broken broken -> {
                    refuse(broken.number(), new BadInput("", broken.why()).getBody(), run);
                    run.flush();
                }
            }
        }
    }

    private void read(RawLine.Text text, LineSource lines, String namespace, BatchRun run)
            throws IOException, InterruptedException {
        @Nullable JsonNode json = null;
        ReceivedCommand command;
        try {
            json = StrictJson.parse(text.bytes(), text.offset(), text.length());
            command = reader.line(namespace, json, text.length());
        } catch (NotJson e) {
            refuse(text.number(), e.getBody(), run);
            lines.noJsonAt(text);
            return;
        } catch (BadInput e) {
            meters.badLine(nameIn(json));
            run.refuse(text.number(), text.length(), executionIn(json, namespace), e.getBody());
            return;
        }
        run.accept(text.number(), text.length(), command);
    }

    private void refuse(long number, ProblemDetail problem, BatchRun run) throws InterruptedException {
        meters.badLine(null);
        run.refuse(number, 0, null, problem);
    }

    private static @Nullable CommandName nameIn(@Nullable JsonNode json) {
        var name = json == null ? null : json.get("command");
        return name == null || !name.isString() ? null : CommandName.of(name.stringValue());
    }

    /** The execution that a line names, although something else is wrong with it. */
    private static @Nullable ExecutionId executionIn(@Nullable JsonNode json, String namespace) {
        var text = json == null ? null : json.get("executionId");
        var id = text == null || !text.isString() ? null : Fields.uuidOf(text.stringValue());
        return id == null ? null : new ExecutionId(namespace, id);
    }
}
