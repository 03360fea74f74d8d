package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over kept-alive connections, each waiting for its answer before it sends the next. One thread serves
 * all connections and looks no further into an answer than to its end, so that it takes as little of the shared cores
 * as it can.
 */
final class HttpLoad {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Answers 503 of this process, whose requests were sent again. */
    private static final AtomicLong REPEATS = new AtomicLong();

    private static final int MOST_REPEATS = 1_000;

    /** Fewer than what a server lets wait by default: who is left out would try again after a second. */
    private static final int ACCEPTED_AT_ONCE = 32;

    private final Histogram micros = new Histogram(2);
    private final List<Connection> connections = new ArrayList<>();
    private final long end;
    private long left;
    private int open;

    private HttpLoad(long end, long left) {
        this.end = end;
        this.left = left;
    }

    /**
     * Sends for {@code duration}.
     *
     * @param clients makes for each connection what supplies its requests, one after the other
     * @throws IOException when any answer has a status other than 2xx. Only 503 is no failure: the same request is sent
     *     again at once, as the ledger's answer asks for, and its time goes on
     */
    static Sample of(int port, int count, Duration duration, IntFunction<Supplier<byte[]>> clients) throws IOException {
        return send(port, count, new HttpLoad(System.nanoTime() + duration.toNanos(), Long.MAX_VALUE), clients);
    }

    /** Sends {@code requests} in all, of which each connection sends at least one. */
    static void counted(int port, int count, long requests, IntFunction<Supplier<byte[]>> clients) throws IOException {
        send(port, count, new HttpLoad(System.nanoTime() + PATIENCE.toNanos(), requests), clients);
    }

    private static Sample send(int port, int count, HttpLoad load, IntFunction<Supplier<byte[]>> clients)
            throws IOException {
        var begin = System.nanoTime();
        try (var selector = Selector.open()) {
            for (var n = 0; n < count; n++) {
                load.connect(port, clients.apply(n), selector);
                if (n % ACCEPTED_AT_ONCE == ACCEPTED_AT_ONCE - 1) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
            load.run(selector);
            return Sample.rate(load.micros, System.nanoTime() - begin);
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            for (var connection : load.connections) {
                connection.channel.close();
            }
        }
    }

    /** Sends one request and waits for its answer. */
    static void one(int port, byte[] request) throws IOException {
        counted(port, 1, 1, number -> () -> request);
    }

    /** How often a server asked for the same request again so far, because it was busy. */
    static long repeats() {
        return REPEATS.get();
    }

    /** A request without a body. */
    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** A request with a JSON body in ASCII. */
    static byte[] post(String path, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void connect(int port, Supplier<byte[]> requests, Selector selector) throws IOException {
        var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        var connection = new Connection(channel, requests);
        connections.add(connection);
        channel.register(selector, SelectionKey.OP_READ, connection);
        connection.send();
        left--;
        open++;
    }

    private void run(Selector selector) throws IOException {
        while (open > 0) {
            if (selector.select(PATIENCE.toMillis()) == 0) {
                throw new IOException("no answer within " + PATIENCE);
            }
            for (var key : selector.selectedKeys()) {
                var connection = (Connection) key.attachment();
                if (key.isWritable() && connection.sendRest()) {
                    key.interestOps(SelectionKey.OP_READ);
                }
                if (key.isReadable() && connection.answered()) {
                    if (connection.mustRepeat()) {
                        connection.repeat();
                    } else {
                        next(key, connection);
                    }
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private void next(SelectionKey key, Connection connection) throws IOException {
        var now = System.nanoTime();
        micros.recordValue((now - connection.sentAt) / 1_000);
        if (now >= end || left == 0) {
            key.cancel();
            open--;
            return;
        }
        left--;
        if (!connection.send()) {
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    private static final class Connection {

        private final SocketChannel channel;
        private final Supplier<byte[]> requests;
        private ByteBuffer out = ByteBuffer.allocate(0);
        private ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
        private long sentAt;
        private boolean busy;
        private int repeats;

        Connection(SocketChannel channel, Supplier<byte[]> requests) {
            this.channel = channel;
            this.requests = requests;
        }

        /** Whether the whole request is on its way. */
        boolean send() throws IOException {
            out = ByteBuffer.wrap(requests.get());
            sentAt = System.nanoTime();
            repeats = 0;
            return sendRest();
        }

        /** Whether the answer was 503. */
        boolean mustRepeat() {
            return busy;
        }

        void repeat() throws IOException {
            if (++repeats > MOST_REPEATS) {
                throw new IOException("answered 503 more than " + MOST_REPEATS + " times");
            }
            REPEATS.incrementAndGet();
            out.rewind();
            sendRest();
        }

        boolean sendRest() throws IOException {
            channel.write(out);
            return !out.hasRemaining();
        }

        /** Reads what is there; whether the answer is complete. */
        boolean answered() throws IOException {
            if (!in.hasRemaining()) {
                in = ByteBuffer.allocateDirect(2 * in.capacity()).put(in.flip());
            }
            if (channel.read(in) < 0) {
                throw new IOException("the server closed the connection");
            }
            if (!isComplete()) {
                return false;
            }
            in.clear();
            return true;
        }

        private boolean isComplete() throws IOException {
            var header = endOfHeader();
            if (header < 0) {
                return false;
            }
            busy = in.get(9) == '5' && in.get(11) == '3';
            if (in.get(9) != '2' && !busy) {
                throw new IOException("answered " + text(0, in.position()));
            }
            var length = value(header, "content-length:");
            if (length != null) {
                return in.position() >= header + Integer.parseInt(length);
            }
            if (value(header, "transfer-encoding:") == null) {
                throw new IOException("an answer without an end: " + text(0, header));
            }
            return hasLastChunk(header);
        }

        private int endOfHeader() {
            for (var n = 3; n < in.position(); n++) {
                if (in.get(n) == '\n' && in.get(n - 2) == '\n') {
                    return n + 1;
                }
            }
            return -1;
        }

        /** What follows {@code name}, in lower case, at the beginning of a line of the header; null without one. */
        private @Nullable String value(int header, String name) {
            for (var n = 0; n < header; n++) {
                if (in.get(n) == '\n' && startsWith(n + 1, name)) {
                    var from = n + 1 + name.length();
                    var to = from;
                    while (in.get(to) != '\r') {
                        to++;
                    }
                    return text(from, to).strip();
                }
            }
            return null;
        }

        private boolean startsWith(int at, String name) {
            for (var n = 0; n < name.length(); n++) {
                if (at + n >= in.position() || Character.toLowerCase(in.get(at + n)) != name.charAt(n)) {
                    return false;
                }
            }
            return true;
        }

        private boolean hasLastChunk(int header) {
            var at = header;
            while (true) {
                var size = 0;
                while (at < in.position() && in.get(at) != '\r') {
                    size = 16 * size + Character.digit(in.get(at), 16);
                    at++;
                }
                at += 2 + size + 2;
                if (at > in.position()) {
                    return false;
                }
                if (size == 0) {
                    return true;
                }
            }
        }

        private String text(int from, int to) {
            var bytes = new byte[to - from];
            in.get(from, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
