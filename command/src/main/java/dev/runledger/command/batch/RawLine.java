package dev.runledger.command.batch;

/**
 * One line of a batch as it came in, before anything is made of it.
 *
 * @see LineSource
 */
sealed interface RawLine {

    /** Counts from 1. */
    long number();

    /** At most {@code MAX_COMMAND_BYTES} bytes, to be used before the next line is asked for. */
    record Text(long number, byte[] bytes, int offset, int length) implements RawLine {}

    /** The line had more bytes than a command may have and was skipped. */
    record TooLarge(long number) implements RawLine {}

    /** The input stops making sense here, and nothing can be said of what follows. */
    record Broken(long number, String why) implements RawLine {}
}
