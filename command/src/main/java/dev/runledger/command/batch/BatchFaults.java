package dev.runledger.command.batch;

import dev.runledger.command.http.Problem;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.AppendRefusedException;
import dev.runledger.eventstore.DatabaseAway;
import java.util.stream.Stream;
import org.axonframework.modelling.command.ConcurrencyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** What the lines of a window are told when it could not be applied. Nothing of such a window is in the log by half. */
final class BatchFaults {

    private static final Logger LOG = LoggerFactory.getLogger(BatchFaults.class);

    private BatchFaults() {}

    /** The problem, for every line the same; what is nobody's fault but ours is logged here, once. */
    static ProblemDetail problem(Throwable failure, ExecutionId execution) {
        var refused =
                causes(failure).filter(AppendRefusedException.class::isInstance).findFirst();
        if (refused.isPresent()) {
            return Problem.refusedByLog(String.valueOf(refused.get().getMessage()));
        }
        if (causes(failure).anyMatch(ConcurrencyException.class::isInstance)) {
            return Problem.busy();
        }
        if (DatabaseAway.isBehind(failure)) {
            LOG.warn("The database did not take commands of {}: {}", execution, failure.getMessage());
            return Problem.detail(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Unavailable",
                    "The database does not answer at the moment; send the same command again later.");
        }
        LOG.error("Commands of {} failed", execution, failure);
        return Problem.detail(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "internal-error",
                "Internal error",
                "The server failed; its log tells more under the requestId.");
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(32);
    }
}
