package dev.runledger.command.execution;

import java.util.List;

/**
 * Commands of one execution that one caller sends together.
 *
 * @param submissions in the order in which they are decided; not empty
 * @param stopAtRefusal whether the commands after a refused one are refused too
 */
public record Request(List<Submission> submissions, boolean stopAtRefusal, Origin origin) {

    /** Bytes of the texts that the commands were read from. */
    long bytes() {
        var bytes = 0L;
        for (var submission : submissions) {
            bytes += submission.bytes();
        }
        return bytes;
    }
}
