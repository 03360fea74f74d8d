package dev.runledger.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.app.embedded.TestDatabase;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "server.jetty.connection-idle-timeout=" + IdleConnectionTest.IDLE_MILLIS + "ms")
@Import(IdleConnectionTest.BothWaysController.class)
@Timeout(60)
class IdleConnectionTest {

    static final int IDLE_MILLIS = 500;
    private static final int ANSWER_BYTES = 64 << 20;

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        TestDatabase.describeTo(registry);
    }

    @Test
    void isDroppedWhenNothingMoves() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            long begin = System.nanoTime();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(400), Duration.ofSeconds(5));
        }
    }

    @Test
    void isKeptWhileTheClientSendsButDoesNotRead() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    "POST /both-ways HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            long end = System.nanoTime() + Duration.ofMillis(IDLE_MILLIS * 4L).toNanos();
            while (System.nanoTime() < end) {
                out.write("1\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                Thread.onSpinWait();
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(50).toNanos());
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            long read = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            assertThat(read).isGreaterThan(ANSWER_BYTES);
        }
    }

    /** Reads its request on one thread while another is stuck in writing the answer. */
    @TestComponent
    @RestController
    static class BothWaysController {

        @PostMapping("/both-ways")
        void bothWays(HttpServletRequest request, HttpServletResponse response) throws Exception {
            InputStream in = request.getInputStream();
            var failed = new AtomicBoolean();
            Thread reader = Thread.startVirtualThread(() -> {
                try {
                    in.transferTo(OutputStream.nullOutputStream());
                } catch (IOException failure) {
                    failed.set(true);
                }
            });
            response.setStatus(200);
            OutputStream out = response.getOutputStream();
            byte[] block = new byte[1 << 16];
            for (int written = 0; written < ANSWER_BYTES; written += block.length) {
                out.write(block);
            }
            reader.join();
            if (failed.get()) {
                throw new IOException("the request broke off");
            }
        }
    }
}
