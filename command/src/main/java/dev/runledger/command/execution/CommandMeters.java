package dev.runledger.command.execution;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Counts commands by name and by what became of them. */
public final class CommandMeters {

    /** What can become of a command that was read. */
    private enum Result {
        ACCEPTED,
        UNCHANGED,
        REFUSED,
        BAD,
        FAILED
    }

    private final Map<CommandName, Map<Result, Counter>> counters = new EnumMap<>(CommandName.class);
    private final Map<CommandName, Timer> timers = new EnumMap<>(CommandName.class);
    private final Counter unnamed;
    private final Counter lines;

    public CommandMeters(MeterRegistry registry) {
        for (var name : CommandName.values()) {
            var ofName = new EnumMap<Result, Counter>(Result.class);
            for (var result : Result.values()) {
                ofName.put(result, counter(registry, name.text(), result));
            }
            counters.put(name, ofName);
            timers.put(
                    name,
                    Timer.builder("runledger.command.duration")
                            .description("Single requests, from the first byte read to the answer")
                            .tag("command", name.text())
                            .register(registry));
        }
        unnamed = counter(registry, "unknown", Result.BAD);
        lines = Counter.builder("runledger.batch.lines")
                .description("Lines of batches that were read")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String command, Result result) {
        return Counter.builder("runledger.commands")
                .description("Commands by name and outcome")
                .tag("command", command)
                .tag("outcome", result.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** Shows how much of the memory for executions is used, and how often there was too little of it. */
    static void watch(ExecutionStates states, MeterRegistry registry) {
        Gauge.builder("runledger.execution.cache.bytes", states, ExecutionStates::estimatedBytes)
                .description("Estimated memory of the executions that are kept to decide from")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("runledger.execution.cache.size", states, ExecutionStates::size)
                .description("Executions that are kept to decide from")
                .register(registry);
        FunctionCounter.builder("runledger.execution.cache.evictions", states, ExecutionStates::evictions)
                .description("Executions that were dropped from memory for want of room")
                .register(registry);
    }

    /** Counts a command that was applied. */
    public void applied(CommandName name, Outcome outcome) {
        count(
                name,
                switch (outcome) {
                    case Outcome.Accepted accepted -> accepted.unchanged() ? Result.UNCHANGED : Result.ACCEPTED;
                    case Outcome.Refused refused -> Result.REFUSED;
                });
    }

    /** Counts a command that was not applied because of what came before it. */
    public void refused(CommandName name) {
        count(name, Result.REFUSED);
    }

    /** Counts a command that was not understood. */
    void bad(CommandName name) {
        count(name, Result.BAD);
    }

    /** Counts a line that was not understood; {@code name} is null where not even that is known. */
    public void badLine(@Nullable CommandName name) {
        if (name == null) {
            unnamed.increment();
        } else {
            bad(name);
        }
    }

    /** Counts a command that could not be applied because something broke. */
    public void failed(CommandName name) {
        count(name, Result.FAILED);
    }

    /** Counts a line of a batch, whatever is in it. */
    public void line() {
        lines.increment();
    }

    Timer timer(CommandName name) {
        return Objects.requireNonNull(timers.get(name));
    }

    private void count(CommandName name, Result result) {
        Objects.requireNonNull(Objects.requireNonNull(counters.get(name)).get(result))
                .increment();
    }
}
