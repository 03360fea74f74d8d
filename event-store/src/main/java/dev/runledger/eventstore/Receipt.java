package dev.runledger.eventstore;

/**
 * What somebody noted of the log's end at some time, elsewhere: proves later that the log still continues from there.
 * Written as {@code position:hash}.
 *
 * @param position of the newest event then; 0 for an empty log
 * @param hash     of that event; SHA-256 of the log id for an empty log
 */
public record Receipt(long position, Hash hash) {

    public Receipt {
        if (position < 0) {
            throw new IllegalArgumentException("a receipt's position is 0 or more, not " + position);
        }
    }

    /** @throws IllegalArgumentException unless the text is a position, a colon and 64 lower-case hex digits */
    public static Receipt parse(String text) {
        if (!text.matches("[0-9]{1,18}:[0-9a-f]{64}")) {
            throw new IllegalArgumentException("a receipt is a position, a colon and 64 lower-case hex digits");
        }
        int colon = text.indexOf(':');
        return new Receipt(Long.parseLong(text.substring(0, colon)), Hash.parse(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return position + ":" + hash;
    }
}
