package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/** The whole chain recomputed over HTTP, from the first event to the head. */
record Verify() implements Scenario {

    private static final Pattern EVENTS = Pattern.compile("\"events\":(\\d+)");
    private static final int LEAST = 100_000;

    @Override
    public String name() {
        return "verify";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var port = lab.ledger().port();
        if (status(port) == 404) {
            report.skipped(name(), "the server has no /api/v1/audit/verify");
            return;
        }
        fill(lab, port);
        lab.warm("verifying", duration -> verify(port));
        var measured = new Rounds(lab)
                .with("ledger", "events/s", () -> verify(port))
                .measure()
                .getFirst();
        report.add(new Row(
                name(),
                "verifying the chain over HTTP",
                null,
                null,
                measured,
                List.of(Target.atLeast("events/s", measured.median().figure(), 200_000))));
    }

    /** So that there is something to verify. */
    private static void fill(Lab lab, int port) throws IOException, SQLException, InterruptedException {
        if (lab.postgres().number(Lab.LEDGER, "select position from event_log.head") < LEAST) {
            BatchUpload.send(port, Ingest.runs(lab.arguments()).copies(LEAST));
            lab.settle();
        }
    }

    private static int status(int port) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request(port, "?from=1&to=1"), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static Sample verify(int port) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var begin = System.nanoTime();
            var answer = http.send(request(port, ""), HttpResponse.BodyHandlers.ofInputStream());
            var last = "";
            try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    last = line.isBlank() ? last : line;
                }
            }
            var took = System.nanoTime() - begin;
            var events = EVENTS.matcher(last);
            if (!last.contains("\"ok\":true") || !events.find()) {
                throw new IOException("the chain does not verify: " + last);
            }
            return Sample.rate(Long.parseLong(events.group(1)), took);
        }
    }

    private static HttpRequest request(int port, String query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/audit/verify" + query))
                .build();
    }
}
