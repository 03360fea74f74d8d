package dev.runledger.command.http;

/**
 * One thing that is wrong with a body.
 *
 * @param pointer where, as RFC 6901; empty for the body as a whole
 * @param message what, without the name of the field, as in {@code is required}
 */
public record FieldError(String pointer, String message) {

    /** Names come from outside: what could not be sent back stands as U+FFFD. */
    public FieldError {
        pointer = sendable(pointer);
    }

    private static String sendable(String text) {
        return text.codePoints().anyMatch(FieldError::unsendable)
                ? text.codePoints()
                        .map(c -> unsendable(c) ? 0xFFFD : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString()
                : text;
    }

    private static boolean unsendable(int c) {
        return c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** {@code name} as one more segment of {@code pointer}. */
    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** For people: the pointer where there is one, and the message. */
    String sentence() {
        return (pointer.isEmpty() ? "The body" : pointer) + " " + message;
    }
}
