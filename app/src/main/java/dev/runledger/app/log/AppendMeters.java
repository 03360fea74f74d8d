package dev.runledger.app.log;

import dev.runledger.eventstore.AppendListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts and times appends to the log. */
final class AppendMeters implements AppendListener {

    private final Map<Outcome, Timer> appends = new EnumMap<>(Outcome.class);
    private final Counter events;

    AppendMeters(MeterRegistry registry) {
        for (var outcome : Outcome.values()) {
            appends.put(
                    outcome,
                    Timer.builder("runledger.append.duration")
                            .description("Appends to the event log, until they are durable")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .publishPercentileHistogram()
                            .register(registry));
        }
        events = Counter.builder("runledger.append.events")
                .description("Events appended to the log")
                .register(registry);
    }

    @Override
    public void appended(Outcome outcome, int count, Duration took) {
        Objects.requireNonNull(appends.get(outcome)).record(took);
        if (outcome == Outcome.APPENDED) {
            events.increment(count);
        }
    }
}
