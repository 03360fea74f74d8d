package dev.runledger.benchmark;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Batches to send, as NDJSON files. */
final class Runs {

    private static final String[] STATUS = {"CompleteExecution", "FailExecution", "CancelExecution", ""};

    private Runs() {}

    /** Runs of 70 steps with three artifacts each, the shape of a scientific workflow. */
    static Path workflows(Path file, int executions) throws IOException {
        try (var out = Files.newBufferedWriter(file)) {
            for (var n = 0; n < executions; n++) {
                var id = UUID.randomUUID();
                line(out, "StartExecution", id, "\"workflow\":\"rnaseq\",\"tags\":{\"system\":\"nextflow\"}");
                for (var step = 0; step < 70; step++) {
                    var stepId = "\"stepId\":\"NFCORE.ALIGN_STAR.SORT_" + step + "\"";
                    line(out, "StartStep", id, stepId + ",\"order\":" + step + ",\"input\":{\"files\":3}");
                    for (var artifact = 0; artifact < 3; artifact++) {
                        line(
                                out,
                                "RecordArtifact",
                                id,
                                stepId + ",\"artifactId\":\"" + step + "-" + artifact
                                        + "\",\"type\":\"data\",\"name\":\"part-" + artifact
                                        + ".bam\",\"sizeBytes\":73400320");
                    }
                    line(
                            out,
                            "CompleteStep",
                            id,
                            stepId
                                    + ",\"output\":{\"runtimeInSeconds\":117.219,\"avgCPU\":98.4,\"readBytes\":2113929216}");
                }
                line(out, "CompleteExecution", id, "\"output\":{\"tasks\":70}");
            }
        }
        return file;
    }

    /** Short executions of many workflows, most of them completed. */
    static List<UUID> executions(Path file, int executions) throws IOException {
        var ids = new ArrayList<UUID>(executions);
        try (var out = Files.newBufferedWriter(file)) {
            for (var n = 0; n < executions; n++) {
                var id = UUID.randomUUID();
                ids.add(id);
                line(
                        out,
                        "StartExecution",
                        id,
                        "\"workflow\":\"workflow-" + n % 50 + "\",\"agentId\":\"agent-" + n % 400
                                + "\",\"input\":{\"n\":" + n + "},\"tags\":{\"env\":\"prod\"}");
                var end = STATUS[n % 20 < 17 ? 0 : n % 20 - 16];
                if (!end.isEmpty()) {
                    line(out, end, id, end.equals("FailExecution") ? "\"error\":{\"message\":\"boom\"}" : "");
                }
            }
        }
        return ids;
    }

    private static void line(BufferedWriter out, String command, UUID id, String rest) throws IOException {
        out.write("{\"command\":\"" + command + "\",\"executionId\":\"" + id + "\"" + (rest.isEmpty() ? "" : "," + rest)
                + "}\n");
    }
}
