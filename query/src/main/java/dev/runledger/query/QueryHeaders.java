package dev.runledger.query;

/** What queries read of and write into a request besides its path and parameters. */
public final class QueryHeaders {

    /** How far the log must be in what the caller gets to see. */
    public static final String MIN_POSITION = "Runledger-Min-Position";

    /** How far the log is at least in what the caller got to see. */
    public static final String POSITION = "Runledger-Position";

    /** The request attribute that names its namespace. */
    public static final String NAMESPACE = "runledger.namespace";

    private QueryHeaders() {}
}
