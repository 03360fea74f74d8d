package dev.runledger.query.projection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.query.ReadSide;
import java.time.Instant;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.eventhandling.TrackingEventStream;
import org.junit.jupiter.api.Test;

/** What is on the way to a fold that is told of by hand. */
class ReadModelSourceTest {

    private static int taken(TrackingEventStream stream) throws InterruptedException {
        var count = 0;
        while (stream.hasNextAvailable(2, TimeUnit.SECONDS)) {
            stream.nextAvailable();
            count++;
        }
        return count;
    }

    @Test
    void givesNoMoreThanTheProcessorHasRoomForAndTellsWhenThereIsMore() throws Exception {
        try (var readSide = ReadSide.fresh()) {
            var events = new ArrayList<ReadSide.Said>();
            for (var n = 0; n < 3_000; n++) {
                events.add(new ReadSide.Said(
                        new ExecutionId("default", UUID.randomUUID()),
                        Instant.EPOCH,
                        new ExecutionStarted(ExecutionDetails.NONE, null)));
            }
            readSide.append(events);
            var source = new ReadModelSource(readSide.bean(PostgresEventStore.class));
            var told = new AtomicInteger();
            try (var stream = source.openStream(null)) {
                stream.setOnAvailableCallback(told::incrementAndGet);
                assertThat(taken(stream)).isEqualTo(1_000);
                assertThat(source.hasBacklog()).isTrue();
                var before = told.get();

                source.taken(400);
                assertThat(source.hasBacklog()).isFalse();
                assertThat(told.get()).isGreaterThan(before);
                assertThat(taken(stream)).isEqualTo(400);

                before = told.get();
                source.folded(1_400);
                assertThat(told.get()).isGreaterThan(before);
                assertThat(source.bytesOnTheWay()).isZero();
                assertThat(taken(stream)).isEqualTo(1_000);
            }
        }
    }

    @Test
    void holdsBackLargeEventsUntilTheFoldHasThem() throws Exception {
        try (var readSide = ReadSide.fresh()) {
            var execution = new ExecutionId("default", UUID.randomUUID());
            var output = Json.of("\"" + "x".repeat(1_000_000) + "\"");
            readSide.append(execution, Instant.EPOCH, new ExecutionStarted(ExecutionDetails.NONE, null));
            for (var n = 0; n < 40; n++) {
                readSide.append(
                        execution,
                        Instant.EPOCH,
                        new StepStarted("s" + n, 1, 1, null, StepDetails.NONE),
                        new StepCompleted("s" + n, 1, 1, output));
            }
            var source = new ReadModelSource(readSide.bean(PostgresEventStore.class));
            try (var stream = source.openStream(null)) {
                var first = taken(stream);
                assertThat(first).isLessThan(40);
                source.taken(first);
                assertThat(taken(stream)).isZero();
                source.folded(first);
                assertThat(taken(stream)).isPositive();
            }
        }
    }
}
