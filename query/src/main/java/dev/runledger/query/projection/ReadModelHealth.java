package dev.runledger.query.projection;

import dev.runledger.query.ReadModelPosition;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Down while an event stops the projection, out of service while there are no tables to read; needs no database. */
@Component("readModel")
class ReadModelHealth implements HealthIndicator {

    private final ReadModelProcessor processor;
    private final ReadModelPosition position;

    ReadModelHealth(ReadModelProcessor processor, ReadModelPosition position) {
        this.processor = processor;
        this.position = position;
    }

    @Override
    public Health health() {
        var poison = processor.poison();
        if (poison != null) {
            return Health.down()
                    .withDetail("position", position.lastKnown())
                    .withDetail("stoppedAt", poison.position())
                    .withDetail("reason", poison.reason())
                    .build();
        }
        var awaited = position.awaited();
        if (awaited != null) {
            return Health.outOfService()
                    .withDetail("state", ProjectionState.REBUILDING)
                    .withDetail("position", awaited.position())
                    .withDetail("head", awaited.head())
                    .build();
        }
        return (processor.isRunning() ? Health.up() : Health.outOfService())
                .withDetail("state", processor.state())
                .withDetail("position", position.lastKnown())
                .build();
    }
}
