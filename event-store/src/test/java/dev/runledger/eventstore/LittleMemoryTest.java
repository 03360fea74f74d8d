package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.TestLog.Noted;
import dev.runledger.eventstore.Verification.Intact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.DomainEventMessage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A log that is many times larger than the memory of the process that checks and exports it. */
class LittleMemoryTest {

    private static final long LOG_BYTES = 300L << 20;
    private static final long APPEND_BYTES = 32L << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1 << 20, 4_000_000})
    void isEnoughToCheckAndExportALargeLog(int payloadBytes) throws Exception {
        try (TestLog test = new TestLog()) {
            int appends = (int) (LOG_BYTES / APPEND_BYTES);
            int together = (int) (APPEND_BYTES / payloadBytes);
            for (int append = 0; append < appends; append++) {
                List<DomainEventMessage<?>> events = new ArrayList<>();
                for (int version = 1; version <= together; version++) {
                    events.add(TestLog.event(
                            TestLog.STREAM,
                            (long) append * together + version,
                            new Noted("x".repeat(payloadBytes)),
                            Map.of()));
                }
                test.engine.appendEvents(events);
            }
            int count = appends * together;
            Path output = folder.resolve("output");
            Process process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-Xmx128m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LittleMemoryTest.class.getName(),
                            test.database.url(),
                            test.database.applicationUser(),
                            test.database.applicationPassword())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();

            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(output)).contains("checked " + count + ", exported " + count);
            assertThat(process.exitValue()).isZero();
        }
    }

    public static void main(String[] arguments) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(arguments[0]);
        source.setUser(arguments[1]);
        source.setPassword(arguments[2]);
        Verification found =
                new ChainVerifier(source, Set.of()).verify(ChainVerifier.Range.ALL, (position, to, events) -> {});
        LogExport export = new LogExport(source);
        long head = new EventLog(source).head().position();
        long exported = 0;
        for (Long after = 0L; after != null; ) {
            LogExport.Part part = export.read("ns", after, head, 1_000);
            exported += part.links().size();
            after = part.next();
        }
        System.out.println("checked " + ((Intact) found).events() + ", exported " + exported);
    }
}
