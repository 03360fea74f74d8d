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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** A log that is many times larger than the memory of the process that checks and exports it. */
class LittleMemoryTest {

    private static final int EVENTS = 300;
    private static final int PAYLOAD_BYTES = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void isEnoughToCheckAndExportALargeLog() throws Exception {
        try (TestLog test = new TestLog()) {
            for (int version = 1; version <= EVENTS; version += 30) {
                List<DomainEventMessage<?>> events = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    events.add(
                            TestLog.event(TestLog.STREAM, version + i, new Noted("x".repeat(PAYLOAD_BYTES)), Map.of()));
                }
                test.engine.appendEvents(events);
            }
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
            assertThat(Files.readString(output)).contains("checked 300, exported 300");
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
        long exported = 0;
        for (Long after = 0L; after != null; ) {
            LogExport.Part part = export.read("ns", after, EVENTS, 1_000);
            exported += part.links().size();
            after = part.next();
        }
        System.out.println("checked " + ((Intact) found).events() + ", exported " + exported);
    }
}
