package dev.runledger.command.batch;

import dev.runledger.command.http.BadInput;
import dev.runledger.command.http.BodyReader;
import dev.runledger.command.http.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Many commands in one request. */
@RestController
class BatchController {

    private final BatchIngest ingest;

    BatchController(BatchIngest ingest) {
        this.ingest = ingest;
    }

    /**
     * NDJSON in, NDJSON out; an array in, an array out; one result for each line, in the same order.
     *
     * @throws BadInput before anything was applied: for headers that mean one command, an unknown {@code onRefusal},
     *     or JSON that is no array
     */
    @PostMapping("/api/v1/commands")
    void batch(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean ndjson;
        boolean stopAtRefusal;
        try {
            BodyReader.requireIdentityEncoding(request);
            ndjson = BodyReader.requireMediaType(request, BatchIngest.NDJSON, MediaType.APPLICATION_JSON)
                    .equals(BatchIngest.NDJSON);
            refuseHeader(request, "Idempotency-Key", "commandId");
            refuseHeader(request, "If-Match", "expectedVersion");
            stopAtRefusal = stopAtRefusal(request.getQueryString());
        } catch (Problem e) {
            BodyReader.drain(request);
            throw e;
        }
        ingest.take(request, response, ndjson, stopAtRefusal);
    }

    private static void refuseHeader(HttpServletRequest request, String header, String field) {
        if (request.getHeader(header) != null) {
            throw new BadInput("/" + field, "cannot be said for a whole batch by the header " + header);
        }
    }

    /** From the query alone: asking the request for a parameter might read a body that is said to be a form. */
    private static boolean stopAtRefusal(@Nullable String query) {
        if (query == null) {
            return false;
        }
        var stop = false;
        for (var parameter : query.split("&", -1)) {
            if (parameter.startsWith("onRefusal=")) {
                var value = decoded(parameter.substring("onRefusal=".length()));
                if (!value.equals("stopExecution")) {
                    throw new BadInput("/onRefusal", "as a parameter must be stopExecution where it is given");
                }
                stop = true;
            }
        }
        return stop;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
