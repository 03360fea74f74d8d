package dev.runledger.app.audit;

import dev.runledger.app.web.ProblemType;
import dev.runledger.events.EventJson;
import dev.runledger.eventstore.ChainVerifier;
import dev.runledger.eventstore.ChainVerifier.Range;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.Head;
import dev.runledger.eventstore.LogExport;
import dev.runledger.eventstore.Receipt;
import dev.runledger.query.NdjsonFeed;
import dev.runledger.query.Parameter;
import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import dev.runledger.query.Takes;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** The log's proof of itself. Head and chain are those of the whole log; contents only those of the namespace. */
@RestController
class AuditController {

    /** How often a check tells how far it is. */
    private static final Duration BETWEEN_TELLING = Duration.ofSeconds(1);

    /** A check keeps two cores busy, so that a second one would only take from everybody else. */
    private static final int CHECKS_AT_ONCE = 1;

    private static final int SECONDS_TO_NEXT_TRY = 10;

    private final EventLog log;
    private final LogExport export;
    private final ChainVerifier verifier;
    private final Reads reads;
    private final NdjsonFeed feed;
    private final Semaphore checks = new Semaphore(CHECKS_AT_ONCE);

    AuditController(EventLog log, LogExport export, ChainVerifier verifier, Reads reads, NdjsonFeed feed) {
        this.log = log;
        this.export = export;
        this.verifier = verifier;
        this.reads = reads;
        this.feed = feed;
    }

    @Takes({})
    @GetMapping("/api/v1/audit/head")
    HeadAnswer head(QueryParameters given, HttpServletResponse response) {
        return HeadAnswer.of(tellHead(response));
    }

    /** Status 200 also for a chain that does not fit: the last line says so. */
    @Takes({Parameter.FROM_POSITION, Parameter.TO_POSITION, Parameter.RECEIPT})
    @GetMapping(path = "/api/v1/audit/verify", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void verify(QueryParameters given, HttpServletResponse response) throws IOException {
        var range = new Range(from(given), to(given), receipt(given));
        if (!checks.tryAcquire()) {
            throw busy();
        }
        try {
            tellHead(response);
            response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
            var progress = new Telling(response);
            write(response, VerifyLine.of(verifier.verify(range, progress)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            checks.release();
        }
    }

    @Takes({Parameter.FROM_POSITION, Parameter.TO_POSITION})
    @GetMapping(path = "/api/v1/audit/export", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void export(
            @RequestAttribute(QueryHeaders.NAMESPACE) String namespace,
            QueryParameters given,
            HttpServletResponse response)
            throws IOException {
        var from = from(given);
        var to = to(given);
        var head = tellHead(response).position();
        var start = reads.inTurn(() -> export.start(from));
        if (start.isEmpty()) {
            throw QueryProblem.badParameter("from", "lies behind the end of the log, which is " + head);
        }
        var parts = new Parts(namespace, to == null ? head : Math.min(to, head), to == null);
        feed.write(response, List.of(ExportLine.Start.of(start.get())), from - 1, parts::after);
    }

    /**
     * An export, part by part. What is erased meanwhile has lost its contents when it is read, and the event that says
     * so stands behind the head that the export set out for: one without an end of its own goes on to it.
     */
    private final class Parts {

        private final String namespace;
        private final boolean open;
        private long last;
        private boolean erased;

        /** @param open whether the end moves with the head */
        Parts(String namespace, long last, boolean open) {
            this.namespace = namespace;
            this.last = last;
            this.open = open;
        }

        NdjsonFeed.Part after(long position) {
            var part = export.read(namespace, position, last, NdjsonFeed.PART_ITEMS);
            var links = part.links();
            erased |= links.stream().anyMatch(Parts::isErased);
            var next = part.next();
            if (next == null && open && erased && !links.isEmpty()) {
                next = onwards(links.getLast().position());
            }
            return new NdjsonFeed.Part(links.stream().map(ExportLine::of).toList(), next);
        }

        /** Where to go on at the end; null when the log ends there, too. */
        private @Nullable Long onwards(long end) {
            last = log.head().position();
            erased = false;
            return last > end ? (Long) end : null;
        }

        private static boolean isErased(LogExport.Link link) {
            var content = link.content();
            return content != null && content.payload() == null;
        }
    }

    private Head tellHead(HttpServletResponse response) {
        var head = reads.inTurn(log::head);
        response.setHeader(QueryHeaders.POSITION, String.valueOf(head.position()));
        return head;
    }

    private static long from(QueryParameters given) {
        var from = given.number("from", 1);
        return from == null ? 1 : from;
    }

    private static @Nullable Long to(QueryParameters given) {
        var to = given.number("to", 1);
        if (to != null && to < from(given)) {
            throw QueryProblem.badParameter("to", "lies before from");
        }
        return to;
    }

    private static @Nullable Receipt receipt(QueryParameters given) {
        var text = given.text("receipt");
        try {
            return text == null ? null : Receipt.parse(text);
        } catch (IllegalArgumentException e) {
            throw QueryProblem.badParameter("receipt", "is no position, colon and 64 lower-case hex digits");
        }
    }

    private static ErrorResponseException busy() {
        var problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.TOO_MANY_REQUESTS, "This node is checking the log already; it does so once at a time.");
        problem.setType(ProblemType.TOO_MANY_REQUESTS.uri());
        problem.setTitle(ProblemType.TOO_MANY_REQUESTS.title());
        var busy = new ErrorResponseException(HttpStatus.TOO_MANY_REQUESTS, problem, null);
        busy.getHeaders().set(HttpHeaders.RETRY_AFTER, String.valueOf(SECONDS_TO_NEXT_TRY));
        return busy;
    }

    private static void write(HttpServletResponse response, VerifyLine line) throws IOException {
        var out = response.getOutputStream();
        out.write(EventJson.mapper().writeValueAsBytes(line));
        out.write('\n');
        out.flush();
    }

    /** Writes progress at once and then every now and then, which also keeps the connection from falling idle. */
    private static final class Telling implements ChainVerifier.Progress {

        private final HttpServletResponse response;
        private final long begin = System.nanoTime();
        private long next = begin;

        Telling(HttpServletResponse response) {
            this.response = response;
        }

        @Override
        public void at(long position, long to, long events) {
            var now = System.nanoTime();
            if (now < next) {
                return;
            }
            next = now + BETWEEN_TELLING.toNanos();
            try {
                write(
                        response,
                        new VerifyLine.Progress(
                                position, to, events, VerifyLine.seconds(Duration.ofNanos(now - begin))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
