package dev.runledger.command.batch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The lines of a batch, one after the other. */
interface LineSource {

    /** The next line, waiting for it where need be; null after the last one. */
    @Nullable
    RawLine next() throws IOException;

    /** Says that {@code line} turned out to be no JSON. */
    void noJsonAt(RawLine.Text line) throws IOException;
}
