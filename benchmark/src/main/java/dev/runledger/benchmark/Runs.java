package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Ids;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Commands to send as batches, one JSON text a line. The executions' ids are new in each copy, so that every line of
 * each copy is appended.
 */
final class Runs {

    private static final String ID = "\"executionId\":\"";
    private static final int ID_LENGTH = 36;

    private final List<String> lines;
    private final byte[] text;

    /** Where ids are in {@link #text}. */
    private final int[] places;

    private Runs(List<String> lines) {
        this.lines = lines;
        this.text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        var latin = new String(text, StandardCharsets.ISO_8859_1);
        var found = new ArrayList<Integer>();
        for (var at = latin.indexOf(ID); at >= 0; at = latin.indexOf(ID, at + 1)) {
            found.add(at + ID.length());
        }
        places = found.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Of a file of commands. */
    static Runs of(Path ndjson) throws IOException {
        return new Runs(Files.readAllLines(ndjson));
    }

    /** Of seven runs of 70 steps with three artifacts each, the shape of a scientific workflow. */
    static Runs generated() {
        var lines = new ArrayList<String>();
        for (var n = 0; n < 7; n++) {
            var id = Ids.next();
            lines.add(line("StartExecution", id, "\"workflow\":\"rnaseq\",\"tags\":{\"system\":\"nextflow\"}"));
            for (var step = 0; step < 70; step++) {
                var stepId = "\"stepId\":\"NFCORE.ALIGN_STAR.SORT_" + step + "\"";
                lines.add(line("StartStep", id, stepId + ",\"order\":" + step + ",\"input\":{\"files\":3}"));
                for (var artifact = 0; artifact < 3; artifact++) {
                    lines.add(artifact(id, stepId, step + "-" + artifact));
                }
                lines.add(
                        line(
                                "CompleteStep",
                                id,
                                stepId
                                        + ",\"output\":{\"runtimeInSeconds\":117.219,\"avgCPU\":98.4,\"readBytes\":2113929216}"));
            }
            lines.add(line("CompleteExecution", id, "\"output\":{\"tasks\":70}"));
        }
        return new Runs(lines);
    }

    /** Short executions of many workflows: of 20, 17 completed, and one each failed, cancelled and still runs. */
    static Runs shortExecutions(int executions) {
        var lines = new ArrayList<String>();
        for (var n = 0; n < executions; n++) {
            var id = Ids.next();
            lines.add(line(
                    "StartExecution",
                    id,
                    "\"workflow\":\"benchmark-" + n % 50 + "\",\"agentId\":\"agent-" + n % 400 + "\",\"input\":{\"n\":"
                            + n + "},\"tags\":{\"env\":\"prod\"}"));
            switch (n % 20) {
                case 17 -> lines.add(line("FailExecution", id, "\"error\":{\"message\":\"out of memory\"}"));
                case 18 -> lines.add(line("CancelExecution", id, ""));
                case 19 -> {}
                default -> lines.add(line("CompleteExecution", id, "\"output\":{\"rows\":" + n + "}"));
            }
        }
        return new Runs(lines);
    }

    /** One execution of {@code events} events, whose step produces one artifact after the other. */
    static Runs longExecution(UUID id, int events) {
        var lines = new ArrayList<String>();
        lines.add(line("StartExecution", id, "\"workflow\":\"long\""));
        lines.add(line("StartStep", id, "\"stepId\":\"produce\""));
        for (var n = 2; n < events; n++) {
            lines.add(artifact(id, "\"stepId\":\"produce\"", "prepared-" + n));
        }
        return new Runs(lines);
    }

    private static String artifact(UUID execution, String stepId, String artifactId) {
        return line(
                "RecordArtifact",
                execution,
                stepId + ",\"artifactId\":\"" + artifactId + "\",\"type\":\"data\",\"name\":\"part-" + artifactId
                        + ".bam\",\"sizeBytes\":73400320");
    }

    private static String line(String command, UUID execution, String rest) {
        return "{\"command\":\"" + command + "\"," + ID + execution + "\"" + (rest.isEmpty() ? "" : "," + rest) + "}";
    }

    /** One copy's lines. */
    List<String> lines() {
        return lines;
    }

    /** The lines as they are. */
    byte[] text() {
        return text;
    }

    /** At least {@code count} lines, of whole copies under new ids. */
    List<byte[]> copies(int count) {
        var copies = new ArrayList<byte[]>();
        for (var n = 0; n < count; n += lines.size()) {
            copies.add(copy());
        }
        return copies;
    }

    private byte[] copy() {
        var copy = text.clone();
        Map<String, byte[]> ids = new HashMap<>();
        for (var place : places) {
            var old = new String(copy, place, ID_LENGTH, StandardCharsets.US_ASCII);
            var id = ids.computeIfAbsent(old, ignored -> Ids.next().toString().getBytes(StandardCharsets.US_ASCII));
            System.arraycopy(id, 0, copy, place, ID_LENGTH);
        }
        return copy;
    }
}
