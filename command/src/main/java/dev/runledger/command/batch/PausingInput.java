package dev.runledger.command.batch;

import java.io.IOException;
import java.io.InputStream;

/** Reads a body through one buffer, and tells when the sender keeps it waiting. */
final class PausingInput {

    private final InputStream in;
    private final Runnable onPause;
    final byte[] buffer = new byte[1 << 16];
    int position;
    int limit;

    /** @param onPause run before waiting for bytes that are not there yet */
    PausingInput(InputStream in, Runnable onPause) {
        this.in = in;
        this.onPause = onPause;
    }

    /** Puts more bytes in the buffer, from its start. False at the end. */
    boolean fill() throws IOException {
        position = 0;
        limit = 0;
        if (in.available() <= 0) {
            onPause.run();
        }
        var count = in.read(buffer);
        limit = Math.max(count, 0);
        return count >= 0;
    }
}
