package dev.runledger.benchmark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged server in a process of its own. */
final class Server implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Process process;
    private final int port;
    private final Duration readyAfter;
    private final HttpClient http = HttpClient.newHttpClient();

    private Server(Process process, int port, Duration readyAfter) {
        this.process = process;
        this.port = port;
        this.readyAfter = readyAfter;
    }

    /**
     * Starts {@code jar} and waits until it is ready.
     *
     * @param log where its output goes
     * @throws IOException when it is not ready within five minutes
     */
    static Server start(Path jar, Path log, List<String> jvmOptions, List<String> arguments)
            throws IOException, InterruptedException {
        var port = freePort();
        var whatToRun = new ArrayList<>(List.of("-jar", jar.toString(), "--server.port=" + port));
        whatToRun.addAll(arguments);
        var begin = System.nanoTime();
        var process = JavaProcess.of(jvmOptions, whatToRun)
                .redirectOutput(log.toFile())
                .start();
        var ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .build();
        try (var http = HttpClient.newHttpClient()) {
            while (System.nanoTime() - begin < PATIENCE.toNanos() && process.isAlive()) {
                try {
                    if (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                        return new Server(process, port, Duration.ofNanos(System.nanoTime() - begin));
                    }
                } catch (IOException e) {
                    // Not listening yet.
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        process.destroyForcibly();
        throw new IOException("the server was not ready; see " + log);
    }

    /** A port of 127.0.0.1 that nobody listens on. */
    static int freePort() throws IOException {
        try (var probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    Duration readyAfter() {
        return readyAfter;
    }

    /** In MiB, of the server alone. */
    long residentMiB() throws IOException {
        return JavaProcess.residentMiB(process);
    }

    /** The answer's text. */
    String get(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + " was answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** Sends JSON. */
    void post(String path, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(path + " was answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    @Override
    public void close() throws InterruptedException {
        http.close();
        JavaProcess.stop(process);
    }
}
