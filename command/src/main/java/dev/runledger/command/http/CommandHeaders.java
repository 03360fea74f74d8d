package dev.runledger.command.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a request for one command say, in place of fields of its body.
 *
 * @param commandId {@code Idempotency-Key}
 * @param expectedVersion {@code If-Match}, one strong entity tag that is a version
 * @param traceparent the W3C trace context, null also when it is malformed
 */
public record CommandHeaders(
        @Nullable String commandId,
        @Nullable Long expectedVersion,
        @Nullable String traceparent) {

    /** No header that matters. */
    public static final CommandHeaders NONE = new CommandHeaders(null, null, null);

    /** The most characters that a command's id may have. */
    public static final int MAX_COMMAND_ID = 64;

    private static final Pattern ENTITY_TAG = Pattern.compile("\"(0|[1-9][0-9]{0,17})\"");

    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    /** @throws BadInput with the pointer of the field that the header stands for */
    public static CommandHeaders of(HttpServletRequest request) {
        return new CommandHeaders(
                commandId(request.getHeader("Idempotency-Key")),
                version(request.getHeader("If-Match")),
                traceparent(request));
    }

    /** The valid trace context of {@code request}, or null. */
    public static @Nullable String traceparent(HttpServletRequest request) {
        var header = request.getHeader("traceparent");
        return header != null && TRACEPARENT.matcher(header).matches() ? header : null;
    }

    private static @Nullable String commandId(@Nullable String header) {
        var trouble = header == null
                ? null
                : header.chars().allMatch(c -> c < 0x80)
                        ? Fields.labelTrouble(header, MAX_COMMAND_ID)
                        : "must be ASCII; a body's commandId may be any text";
        if (trouble != null) {
            throw new BadInput("/commandId", "as the header Idempotency-Key " + trouble);
        }
        return header;
    }

    private static @Nullable Long version(@Nullable String header) {
        if (header == null) {
            return null;
        }
        var tag = ENTITY_TAG.matcher(header.strip());
        if (!tag.matches()) {
            throw new BadInput(
                    "/expectedVersion", "as the header If-Match must be one version in quotes, such as \"7\"");
        }
        return Long.valueOf(tag.group(1));
    }
}
