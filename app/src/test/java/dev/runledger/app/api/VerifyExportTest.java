package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/verify_export.py}, which knows nothing of our code, over what the application exports. */
@Timeout(180)
class VerifyExportTest {

    private static final Path PROGRAM =
            Path.of("..", "docs", "verify_export.py").toAbsolutePath().normalize();

    /** Flips the lowest bit of one byte after the other; prints how many of those passed all the same. */
    private static final String FLIP_EVERY_BYTE = """
            import io, sys
            sys.path.insert(0, sys.argv[1])
            sys.dont_write_bytecode = True
            from verify_export import verify
            export = open(sys.argv[2], "rb").read()
            passed = 0
            for flip in (1, 32):
                for at in range(len(export)):
                    changed = bytearray(export)
                    changed[at] ^= flip
                    try:
                        verify(io.StringIO(changed.decode(), newline="\\n"))
                        passed += 1
                    except Exception:
                        pass
            print(len(export), "bytes", passed, "passed")
            """;

    private static final int LARGE_EXECUTIONS = 60;

    @TempDir
    private static Path folder;

    private static TestDatabase database;
    private static String whole = "";
    private static long head;

    @BeforeAll
    static void export() {
        database = TestDatabase.fresh();
        try (var application = RunningHere.on(database)) {
            var ours = application.ledger().in("ours");
            var theirs = application.ledger().in("theirs");
            ours.batch(Lines.eventfulRun(newId()));
            theirs.batch(Lines.eventfulRun(newId()));
            var erased = ours.create("{'workflow': 'größe 𝄞 \\u2028 \\u00e4 \\\\'}");
            ours.command(of(erased, "complete"), "{'output': 1e5}");
            theirs.start();
            new Auditor(database).erase("ours", erased);
            ours.start();
            whole = ours.get("/api/v1/audit/export", "application/x-ndjson")
                    .is(200)
                    .text();
            head = ours.get("/api/v1/audit/head").position();
        }
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private record Outcome(int exitCode, String output) {}

    /** Without python3 this fails. */
    private static Outcome python(String... arguments) throws IOException, InterruptedException {
        var output = Files.createTempFile(folder, "output", ".txt");
        var command = new ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    private static Outcome verify(String export) throws IOException, InterruptedException {
        var file = Files.createTempFile(folder, "export", ".ndjson");
        Files.writeString(file, export);
        return python(PROGRAM.toString(), file.toString());
    }

    private static List<String> lines() {
        return whole.lines().toList();
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    @Test
    void findsAWholeExportInOrder() throws Exception {
        var outcome = verify(whole);

        assertThat(outcome.output()).startsWith("ok: " + head + " events, ").contains("; receipt " + head + ":");
        assertThat(outcome.exitCode()).isZero();
        assertThat(whole).contains("\"payload\":null").contains("\"digest\"");
        assertThat(lines().stream().filter(line -> !line.contains("payloadHash")))
                .hasSizeGreaterThan(5);
    }

    /** What the export has not reached yet loses its contents, and the event that says so is not there yet either. */
    @Test
    void findsAnExportInOrderDuringWhichSomethingIsErased() throws Exception {
        try (var fresh = TestDatabase.fresh();
                var application = RunningHere.on(fresh);
                var client = HttpClient.newHttpClient()) {
            var ours = application.ledger().in("ours");
            var erased = "";
            for (var n = 0; n < LARGE_EXECUTIONS; n++) {
                erased = ours.create("{'workflow': 'w', 'input': '" + noise(n) + "'}");
            }
            var request = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + application.port() + "/api/v1/audit/export"))
                    .header("Runledger-Namespace", "ours")
                    .build();
            var export = client.send(request, BodyHandlers.ofInputStream()).body();
            var file = Files.createTempFile(folder, "export", ".ndjson");
            try (export;
                    var out = Files.newOutputStream(file)) {
                out.write(export.readNBytes(10));
                // The server is blocked in a part that ends long before this execution.
                assertThat(new Auditor(fresh).erase("ours", erased)).isEqualTo(1);
                export.transferTo(out);
            }
            assertThat(Files.readString(file)).contains("\"payload\":null");

            var outcome = python(PROGRAM.toString(), file.toString());
            assertThat(outcome.output()).startsWith("ok: " + (LARGE_EXECUTIONS + 1) + " events");
            assertThat(outcome.exitCode()).isZero();
        }
    }

    /** Text that is not to be compressed. */
    private static String noise(long seed) {
        var bytes = new byte[600_000];
        new Random(seed).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void findsAPartInOrder() throws Exception {
        var part = new ArrayList<>(lines().subList(5, 9));
        var before = Answer.parse(lines().get(4));
        var start = Answer.parse(lines().getFirst());
        part.addFirst("{\"logId\":\"" + start.path("logId").asString() + "\",\"from\":5,\"previousHash\":\""
                + before.path("hash").asString() + "\"}");

        assertThat(verify(text(part)).output()).startsWith("ok: 4 events");
    }

    @Test
    void findsTheWorkedExampleInOrder() throws Exception {
        var block = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PROGRAM.resolveSibling("log-format.md")));
        assertThat(block.find()).isTrue();

        assertThat(verify(block.group(1)).output()).startsWith("ok: 4 events, 3 of them whole; receipt 4:");
    }

    @Test
    void findsEveryByteThatIsFlipped() throws Exception {
        var file = Files.writeString(folder.resolve("flipped.ndjson"), whole);
        var outcome = python("-c", FLIP_EVERY_BYTE, PROGRAM.getParent().toString(), file.toString());

        assertThat(outcome.output()).endsWith(" bytes 0 passed\n");
        var at = whole.length() / 2;
        var flipped = whole.substring(0, at) + (char) (whole.charAt(at) ^ 1) + whole.substring(at + 1);
        assertThat(verify(flipped).output()).startsWith("not ok: ");
        assertThat(verify(flipped).exitCode()).isEqualTo(1);
    }

    @Test
    void findsLinesThatAreMissingOrInAnotherOrder() throws Exception {
        var missing = new ArrayList<>(lines());
        missing.remove(4);
        assertThat(verify(text(missing)).output()).contains("missing or cut at position 4");

        var swapped = new ArrayList<>(lines());
        Collections.swap(swapped, 3, 6);
        assertThat(verify(text(swapped)).output()).contains("at position 3");

        assertThat(verify(whole.substring(0, whole.length() - 20)).exitCode()).isEqualTo(1);
    }

    @Test
    void findsAPayloadThatIsGoneWithoutAnErasure() throws Exception {
        var nulled = new ArrayList<>(lines());
        nulled.set(
                1,
                nulled.get(1)
                        .replaceFirst("\"payload\":\"(\\\\.|[^\"\\\\])*\"", "\"payload\":null")
                        .replaceFirst("\"payloadSalt\":\"[0-9a-f]*\"", "\"payloadSalt\":null"));

        assertThat(verify(text(nulled)).output()).contains("a payload is gone").contains("position 1");
    }
}
