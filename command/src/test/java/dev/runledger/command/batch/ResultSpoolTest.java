package dev.runledger.command.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResultSpoolTest {

    private final ResultSpool spool = new ResultSpool(100);

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String numbered(int count) {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) {
            text.append("line ").append(i).append('\n');
        }
        return text.toString();
    }

    private void write(int from, int to) throws IOException {
        for (var i = from; i < to; i++) {
            spool.write(bytes("line " + i + "\n"));
        }
    }

    /** Takes nothing until it is opened. */
    private static final class Gate extends OutputStream {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        final CountDownLatch opened = new CountDownLatch(1);
        volatile int flushes;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            synchronized (taken) {
                taken.write(bytes, offset, length);
            }
        }

        @Override
        public void flush() {
            flushes++;
        }

        String text() {
            synchronized (taken) {
                return taken.toString(StandardCharsets.UTF_8);
            }
        }
    }

    private CompletableFuture<Void> copying(OutputStream out) {
        var done = new CompletableFuture<Void>();
        Thread.ofVirtual().start(() -> {
            try {
                spool.copyTo(out);
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    @Nested
    class Writing {

        @Test
        void staysInMemoryWhileThatIsEnough() throws IOException {
            write(0, 10);
            assertThat(spool.path()).isNull();
        }

        @Test
        void goesToAFileBeyondTheMemory() throws IOException {
            write(0, 100);
            assertThat(spool.path()).isNotNull().exists();
            spool.end();
            var out = new ByteArrayOutputStream();
            spool.copyTo(out);
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(numbered(100));
        }

        @Test
        void neverWaitsForASlowReader() throws IOException {
            var gate = new Gate();
            var done = copying(gate);
            write(0, 50_000);
            assertThat(gate.text()).isEmpty();
            gate.opened.countDown();
            spool.end();
            done.join();
            assertThat(gate.text()).isEqualTo(numbered(50_000));
        }

        @Test
        void reachesAFastReaderAtOnce() throws IOException {
            var gate = new Gate();
            gate.opened.countDown();
            var done = copying(gate);
            write(0, 1);
            await().until(() -> gate.text().equals(numbered(1)) && gate.flushes > 0);
            write(1, 2);
            await().until(() -> gate.text().equals(numbered(2)));
            assertThat(done).isNotDone();
            spool.end();
            done.join();
        }

        @Test
        void startsTheFileAgainOnceItWasRead() throws Exception {
            var gate = new Gate();
            gate.opened.countDown();
            var done = copying(gate);
            for (var round = 0; round < 20; round++) {
                write(100 * round, 100 * round + 100);
                var upTo = 100 * round + 100;
                await().pollInterval(1, TimeUnit.MILLISECONDS)
                        .until(() -> gate.text().length() == numbered(upTo).length());
            }
            spool.end();
            done.join();
            assertThat(gate.text()).isEqualTo(numbered(2_000));
        }
    }

    @Nested
    class Closing {

        @Test
        void removesTheFile() throws IOException {
            write(0, 100);
            var path = spool.path();
            spool.close();
            assertThat(path).isNotNull().doesNotExist();
        }

        @Test
        void letsAWaitingReaderGo() throws IOException {
            var done = copying(new ByteArrayOutputStream());
            spool.close();
            assertThat(done).succeedsWithin(10, TimeUnit.SECONDS);
        }

        @Test
        void makesWritingPointlessButHarmless() throws IOException {
            spool.close();
            write(0, 1_000);
            assertThat(spool.path()).isNull();
        }
    }

    @Test
    void aReaderThatBreaksIsHeardOf() throws IOException {
        write(0, 1);
        assertThatThrownBy(() -> spool.copyTo(new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("gone");
                    }
                }))
                .hasMessage("gone");
    }
}
