package dev.runledger.command.http;

/** Bytes that are no JSON at all, so that nothing can be said of what follows them in the same document. */
public final class NotJson extends BadInput {

    NotJson(String pointer, String message) {
        super(pointer, message);
    }
}
