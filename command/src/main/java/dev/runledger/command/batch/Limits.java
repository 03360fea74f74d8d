package dev.runledger.command.batch;

/**
 * How much a batch takes at once.
 *
 * @param windowLines lines of one execution that are applied together
 * @param windowBytes bytes of such lines; one line always fits
 * @param waitingLines lines that were read and whose results are not out yet, before reading waits
 * @param waitingBytes bytes of such lines
 * @param parallel executions that are worked on at the same time
 */
record Limits(int windowLines, long windowBytes, int waitingLines, long waitingBytes, int parallel) {

    static final Limits USUAL = new Limits(1_000, 1 << 20, 10_000, 8 << 20, 16);
}
