package dev.runledger.command.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The body of a request for one command. */
public final class BodyReader {

    /** The most bytes that one command may have, alone or in a batch. */
    public static final int MAX_COMMAND_BYTES = 1 << 20;

    /** How much of a refused body is still read, so that the client gets to see the answer. */
    private static final long DRAINED_BYTES = 16L << 20;

    private BodyReader() {}

    /** A body that was read, and how many bytes it had. */
    public record Body(JsonNode json, int bytes) {}

    /**
     * The JSON value of the body; an empty object when there is no body, whatever its type is said to be.
     *
     * @throws Problem 400, 413 or 415; the rest of the body has been read then, within bounds
     */
    public static Body read(HttpServletRequest request) throws IOException {
        try {
            var bytes = bytes(request);
            if (bytes.length == 0) {
                return new Body(JsonNodeFactory.instance.objectNode(), 0);
            }
            requireMediaType(request, MediaType.APPLICATION_JSON);
            return new Body(StrictJson.parse(bytes, 0, bytes.length), bytes.length);
        } catch (Problem e) {
            drain(request);
            throw e;
        }
    }

    private static byte[] bytes(HttpServletRequest request) throws IOException {
        if (request.getContentLengthLong() != 0) {
            requireIdentityEncoding(request);
        }
        if (request.getContentLengthLong() > MAX_COMMAND_BYTES) {
            throw new Problem(Problem.tooLarge(MAX_COMMAND_BYTES));
        }
        var bytes = request.getInputStream().readNBytes(MAX_COMMAND_BYTES + 1);
        if (bytes.length > MAX_COMMAND_BYTES) {
            throw new Problem(Problem.tooLarge(MAX_COMMAND_BYTES));
        }
        return bytes;
    }

    /** Reads on until the body ends, or it has been enough; a client that is gone is no further trouble. */
    public static void drain(HttpServletRequest request) {
        try {
            InputStream in = request.getInputStream();
            var bin = new byte[1 << 16];
            var left = DRAINED_BYTES;
            while (left > 0) {
                var count = in.read(bin);
                if (count < 0) {
                    return;
                }
                left -= count;
            }
        } catch (IOException ignored) {
            // The answer that follows finds the same.
        }
    }

    /**
     * The one of {@code accepted} that the body is said to be, in UTF-8.
     *
     * @throws Problem 415
     */
    public static MediaType requireMediaType(HttpServletRequest request, MediaType... accepted) {
        var type = mediaType(request.getContentType());
        if (type != null && (type.getCharset() == null || "utf-8".equals(charset(type)))) {
            for (var candidate : accepted) {
                if (candidate.equalsTypeAndSubtype(type)) {
                    return candidate;
                }
            }
        }
        var names = String.join(
                " or ", Arrays.stream(accepted).map(MediaType::toString).toList());
        throw Problem.unsupportedMediaType("Send " + names + " in UTF-8 and say so in the header Content-Type.");
    }

    private static @Nullable String charset(MediaType type) {
        var charset = type.getParameter("charset");
        return charset == null ? null : charset.replace("\"", "").toLowerCase(Locale.ROOT);
    }

    private static @Nullable MediaType mediaType(@Nullable String header) {
        try {
            return header == null ? null : MediaType.parseMediaType(header);
        } catch (InvalidMediaTypeException ignored) {
            return null;
        }
    }

    /** @throws Problem 415 when the body is compressed */
    public static void requireIdentityEncoding(HttpServletRequest request) {
        var encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
            throw Problem.unsupportedMediaType("Bodies are read as they are: send them without Content-Encoding.");
        }
    }
}
