package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionEvent.StepCompleted;
import dev.runledger.events.execution.ExecutionEvent.StepStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepDetails;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is several times larger than the memory of the process that follows, rebuilds and verifies its rows. */
class LittleMemoryTest {

    private static final int STEPS = 400;
    private static final int PAYLOAD_BYTES = 1_000_000;

    @TempDir
    private Path folder;

    @Test
    void isEnoughToFollowRebuildAndVerify() throws Exception {
        var output = folder.resolve("output");
        var process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LittleMemoryTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).contains("followed, rebuilt and verified");
        assertThat(process.exitValue()).isZero();
    }

    public static void main(String[] arguments) throws Exception {
        try (var readSide = ReadSide.fresh()) {
            readSide.settle();
            readSide.post("/api/v1/projections/read-model/pause", "");
            var output = Json.of("\"" + "x".repeat(PAYLOAD_BYTES) + "\"");
            var execution = new ExecutionId("default", UUID.randomUUID());
            append(readSide, execution, new ExecutionStarted(ExecutionDetails.NONE, null));
            for (var n = 0; n < STEPS; n++) {
                append(
                        readSide,
                        execution,
                        new StepStarted("s" + n, 1, 1, null, StepDetails.NONE),
                        new StepCompleted("s" + n, 1, 1, output));
            }
            readSide.post("/api/v1/projections/read-model/resume", "");
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> readSide.bean(ReadModelPosition.class).reached() == 2 * STEPS + 1);
            readSide.post("/api/v1/projections/read-model/rebuild", "");
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> readSide.get("/api/v1/projections/read-model")
                            .json()
                            .at("/rebuild/state")
                            .asString()
                            .equals("DONE"));
            readSide.post("/api/v1/projections/read-model/verify", "");
            await().atMost(Duration.ofMinutes(2)).until(() -> {
                var drift =
                        readSide.get("/api/v1/projections/read-model").json().get("drift");
                return drift.get("kind").asString().equals("FULL")
                        && drift.get("different").asLong()
                                        + drift.get("missing").asLong()
                                == 0;
            });
            System.out.println("followed, rebuilt and verified");
        }
        System.exit(0);
    }

    private static void append(ReadSide readSide, ExecutionId id, ExecutionEvent... events) {
        readSide.append(id, Instant.EPOCH, events);
    }
}
