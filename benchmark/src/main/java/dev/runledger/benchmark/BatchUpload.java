package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Sends a batch over one connection and reads its results meanwhile. */
final class BatchUpload {

    private static final String PROBLEM = "\"problem\":";

    private BatchUpload() {}

    /**
     * Sends NDJSON and waits for the last result.
     *
     * @param parts of the body, each whole lines
     * @return results a second, from the first byte sent
     * @throws IOException when a line was refused
     */
    static Sample send(int port, List<byte[]> parts) throws IOException {
        var length = parts.stream().mapToLong(part -> part.length).sum();
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            var begin = System.nanoTime();
            var sending = CompletableFuture.runAsync(
                    () -> write(socket, length, parts),
                    task -> Thread.ofPlatform().start(task));
            var results = readResults(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            sending.join();
            return Sample.rate(results, System.nanoTime() - begin);
        }
    }

    private static void write(Socket socket, long length, List<byte[]> parts) {
        try {
            var out = socket.getOutputStream();
            out.write(("POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                            + "Content-Length: " + length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (var part : parts) {
                out.write(part);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static long readResults(InputStream in) throws IOException {
        var status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("the batch was answered " + status);
        }
        while (!line(in).isEmpty()) {
            // A header.
        }
        var results = new Results();
        for (var size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            results.take(in.readNBytes(size));
            line(in);
        }
        return results.count;
    }

    private static String line(InputStream in) throws IOException {
        var text = new StringBuilder();
        for (var b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server closed the connection");
            }
            text.append((char) b);
        }
        return text.toString().strip();
    }

    /** Counts results, whose lines may be cut anywhere between chunks. */
    private static final class Results {

        private byte[] begun = new byte[0];
        private long count;

        void take(byte[] chunk) throws IOException {
            var from = 0;
            for (var at = 0; at < chunk.length; at++) {
                if (chunk[at] == '\n') {
                    var line = Arrays.copyOf(begun, begun.length + at - from);
                    System.arraycopy(chunk, from, line, begun.length, at - from);
                    begun = new byte[0];
                    from = at + 1;
                    count(line);
                }
            }
            var rest = Arrays.copyOf(begun, begun.length + chunk.length - from);
            System.arraycopy(chunk, from, rest, begun.length, chunk.length - from);
            begun = rest;
        }

        private void count(byte[] line) throws IOException {
            var text = new String(line, StandardCharsets.ISO_8859_1);
            if (text.contains(PROBLEM)) {
                throw new IOException("a line was refused: " + text);
            }
            count++;
        }
    }
}
