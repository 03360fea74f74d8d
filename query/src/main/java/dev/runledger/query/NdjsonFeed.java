package dev.runledger.query;

import dev.runledger.events.EventJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Answers of any length as NDJSON, part by part: while the client takes one, nothing of the database's is held. A
 * client that takes nothing is dropped with its connection, by the server's idle timeout.
 */
@Component
public class NdjsonFeed {

    /** How many items to read at a time. */
    public static final int PART_ITEMS = 1_000;

    private final Reads reads;

    NdjsonFeed(Reads reads) {
        this.reads = reads;
    }

    /**
     * Items that follow each other.
     *
     * @param next where the next part begins; null for the last
     */
    public record Part(List<?> items, @Nullable Long next) {}

    /**
     * Writes parts until one is the last.
     *
     * @param opening lines before the first part
     * @param start where the first part begins
     * @param read a part, which is read when its turn has come
     */
    public void write(HttpServletResponse response, List<?> opening, long start, LongFunction<Part> read)
            throws IOException {
        response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
        var out = new BufferedOutputStream(response.getOutputStream(), 64 * 1024);
        write(out, opening);
        for (Long from = start; from != null; ) {
            var begin = from.longValue();
            var part = reads.inTurn(() -> read.apply(begin));
            write(out, part.items());
            from = part.next();
        }
        out.flush();
    }

    /** The log's own bytes go out as they are; a line break in them can only be white space. */
    private static void write(OutputStream out, List<?> items) throws IOException {
        for (var item : items) {
            var line = EventJson.mapper().writeValueAsBytes(item);
            for (var i = 0; i < line.length; i++) {
                if (line[i] == '\n' || line[i] == '\r') {
                    line[i] = ' ';
                }
            }
            out.write(line);
            out.write('\n');
        }
    }
}
