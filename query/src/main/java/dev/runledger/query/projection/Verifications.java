package dev.runledger.query.projection;

import dev.runledger.query.QueryProblem;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Has the tables verified: when people ask for it, and a sample every night. One verification at a time. */
@Component
final class Verifications {

    private static final Logger log = LoggerFactory.getLogger(Verifications.class);

    /** A request waits so long for its report; after that the report is found with the projection. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(25);

    private static final Duration NIGHT = Duration.ofHours(1);

    private final ReadModelConnections connections;
    private final ProjectionJournal journal;
    private final int nightlySample;
    private final LocalTime nightlyAt;

    private volatile double drift = Double.NaN;
    private @Nullable CompletableFuture<DriftReport> running;
    private Instant lookedAt = Instant.MIN;

    /**
     * @param nightlySample how many executions; 0 for no nightly verification
     * @param nightlyAt in UTC
     */
    Verifications(
            ReadModelConnections connections,
            ProjectionJournal journal,
            MeterRegistry meters,
            @Value("${runledger.projection.nightly-sample:1000}") int nightlySample,
            @Value("${runledger.projection.nightly-at:03:30}") String nightlyAt) {
        this.connections = connections;
        this.journal = journal;
        this.nightlySample = nightlySample;
        this.nightlyAt = LocalTime.parse(nightlyAt);
        Gauge.builder("runledger.projection.drift", this, verifications -> verifications.drift)
                .description("rows of the read model that differed from the log when they were verified last")
                .register(meters);
    }

    /**
     * Verifies.
     *
     * @param sample how many executions; null for all
     * @return null when it takes longer than a request should
     * @throws QueryProblem when a verification is under way
     */
    @Nullable
    DriftReport verify(@Nullable Integer sample) {
        var verification = begin(sample);
        if (verification == null) {
            throw QueryProblem.conflict("A verification is under way already.");
        }
        try {
            return verification.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    /** What the metric tells from now on. */
    void found(DriftReport report) {
        drift = report.rows();
    }

    /** Verifies the nightly sample when it is time to. */
    void lookAtTheClock() {
        var now = Instant.now();
        if (nightlySample == 0 || Duration.between(lookedAt, now).compareTo(Duration.ofMinutes(1)) < 0) {
            return;
        }
        lookedAt = now;
        var since = Duration.between(nightlyAt, LocalTime.ofInstant(now, ZoneOffset.UTC));
        if (!since.isNegative()
                && since.compareTo(NIGHT) < 0
                && !journal.sampledWithin(Duration.ofHours(12))
                && begin(nightlySample) != null) {
            log.info("{} executions are verified", nightlySample);
        }
    }

    private synchronized @Nullable CompletableFuture<DriftReport> begin(@Nullable Integer sample) {
        if (running != null && !running.isDone()) {
            return null;
        }
        var next = new CompletableFuture<DriftReport>();
        running = next;
        Thread.ofPlatform().daemon().name("read-model-verify").start(() -> {
            try {
                next.complete(verified(sample));
            } catch (QueryProblem e) {
                log.debug("the read model is verified elsewhere");
                next.completeExceptionally(e);
            } catch (RuntimeException | Error e) {
                log.error("the read model could not be verified: {}", PassingFailure.told(e));
                next.completeExceptionally(e);
            }
        });
        return next;
    }

    private DriftReport verified(@Nullable Integer sample) {
        try {
            var report = Verification.run(connections, sample, new Random());
            if (report == null) {
                throw QueryProblem.conflict("A verification is under way on another node.");
            }
            journal.add(report, null);
            found(report);
            if (report.rows() > 0) {
                log.warn(
                        "the read model drifts: {} missing, {} extra and {} different rows in {} executions",
                        report.missing(),
                        report.extra(),
                        report.different(),
                        report.executions());
            }
            return report;
        } catch (SQLException e) {
            throw new org.springframework.jdbc.CannotGetJdbcConnectionException("no connection to verify by", e);
        }
    }
}
