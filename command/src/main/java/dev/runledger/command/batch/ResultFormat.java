package dev.runledger.command.batch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Puts results into a spool: as lines, each with its line end, or as the items of an array. */
final class ResultFormat implements BatchRun.Results {

    private final ResultSpool spool;
    private final boolean array;
    private boolean begun;

    private ResultFormat(ResultSpool spool, boolean array) {
        this.spool = spool;
        this.array = array;
    }

    static ResultFormat lines(ResultSpool spool) {
        return new ResultFormat(spool, false);
    }

    static ResultFormat array(ResultSpool spool) {
        return new ResultFormat(spool, true);
    }

    @Override
    public void write(List<byte[]> results) throws IOException {
        var out = new ByteArrayOutputStream();
        for (var result : results) {
            if (array) {
                out.write(begun ? ',' : '[');
                begun = true;
            }
            out.writeBytes(result);
            out.write('\n');
        }
        spool.write(out.toByteArray());
    }

    /** Completes the answer. */
    void end() throws IOException {
        if (array) {
            spool.write((begun ? "]" : "[]").getBytes(StandardCharsets.US_ASCII));
        }
    }
}
