package dev.runledger.app.web;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Tells by an exception and its causes whose trouble it is. */
final class Faults {

    private Faults() {}

    /** Writing the answer failed, most often because the client closed the connection. */
    static boolean notWritten(Throwable failure) {
        return causes(failure).anyMatch(IOException.class::isInstance);
    }

    /** Nobody is left to read an answer; trouble while reading the request is {@link #unreadableRequest} instead. */
    static boolean clientGone(Throwable failure) {
        return causes(failure).anyMatch(AsyncRequestNotUsableException.class::isInstance);
    }

    /** What Jetty found wrong with the request itself while it was read, such as a broken chunk or a stalled body. */
    static Optional<ProblemType> unreadableRequest(Throwable failure) {
        return causes(failure)
                .flatMap(cause -> switch (cause) {
                    case HttpException refused -> Stream.of(ProblemType.ofStatus(refused.getCode()));
                    case TimeoutException stalled -> Stream.of(ProblemType.REQUEST_TIMEOUT);
                    case EofException brokenOff -> Stream.of(ProblemType.BAD_REQUEST);
                    default -> Stream.<ProblemType>empty();
                })
                // The innermost cause knows best: a broken chunk arrives wrapped as an end of the stream.
                .reduce((outer, inner) -> inner);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(32);
    }
}
