package dev.runledger.benchmark;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends GET requests over kept-alive connections, each waiting for its answer, and counts them. It reads answers
 * without parsing them, so that it takes as little of the shared cores as it can.
 */
final class HttpLoad {

    private HttpLoad() {}

    /**
     * Requests for paths from {@code paths}, for {@code duration}.
     *
     * @return answers with status 200 a second
     * @throws IOException when any answer has another status
     */
    static double getsPerSecond(int port, int connections, Duration duration, Supplier<String> paths)
            throws IOException, InterruptedException {
        var answers = new AtomicLong();
        var failure = new AtomicReference<@Nullable IOException>();
        var done = new CountDownLatch(connections);
        var begin = System.nanoTime();
        var end = begin + duration.toNanos();
        for (var n = 0; n < connections; n++) {
            Thread.ofVirtual().start(() -> {
                try (var socket = new Socket("127.0.0.1", port)) {
                    socket.setTcpNoDelay(true);
                    var in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
                    var out = socket.getOutputStream();
                    while (System.nanoTime() < end && failure.get() == null) {
                        out.write(("GET " + paths.get() + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                        readAnswer(in);
                        answers.incrementAndGet();
                    }
                } catch (IOException e) {
                    failure.compareAndSet(null, e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        var failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return answers.get() * 1e9 / (System.nanoTime() - begin);
    }

    private static void readAnswer(InputStream in) throws IOException {
        var status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered " + status);
        }
        var length = 0;
        var chunked = false;
        for (var header = line(in); !header.isEmpty(); header = line(in)) {
            var colon = header.indexOf(':');
            var name = header.substring(0, colon);
            if (name.equalsIgnoreCase("Content-Length")) {
                length = Integer.parseInt(header.substring(colon + 1).strip());
            } else if (name.equalsIgnoreCase("Transfer-Encoding")) {
                chunked = true;
            }
        }
        if (!chunked) {
            in.skipNBytes(length);
            return;
        }
        for (var size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            in.skipNBytes(size);
            line(in);
        }
        line(in);
    }

    private static String line(InputStream in) throws IOException {
        var bytes = new byte[256];
        var length = 0;
        for (var b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * length);
            }
            bytes[length++] = (byte) b;
        }
        return new String(
                bytes, 0, length > 0 && bytes[length - 1] == '\r' ? length - 1 : length, StandardCharsets.US_ASCII);
    }
}
