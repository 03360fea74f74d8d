package dev.runledger.command.batch;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way to a client that may be slower than whoever writes them. Writing never waits for reading: what
 * is not read yet waits in memory, and beyond the memory's limit in a temporary file. A file that has been read to
 * its end is used again from its beginning. For one reader; writers may be many.
 */
final class ResultSpool implements Closeable {

    private static final int CHUNK = 1 << 16;

    private final int memoryLimit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** What was written last, as long as nothing waits in the file. */
    private ByteArrayOutputStream memory = new ByteArrayOutputStream(CHUNK);

    private @Nullable Path path;
    private @Nullable RandomAccessFile file;
    private long filed;
    private long unfiled;
    private boolean ended;
    private boolean closed;

    /** @param memoryLimit how many bytes wait in memory before a file is used */
    ResultSpool(int memoryLimit) {
        this.memoryLimit = memoryLimit;
    }

    /** Adds {@code bytes}; nothing after {@link #close()}. */
    void write(byte[] bytes) throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (filed > unfiled || memory.size() + bytes.length > memoryLimit) {
                var to = file();
                to.seek(filed);
                to.write(bytes);
                filed += bytes.length;
            } else {
                memory.writeBytes(bytes);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Says that nothing more will be written. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Copies everything to {@code out} as far as it takes it, and flushes whenever nothing more is there yet. Returns
     * after the end, or once this is closed.
     */
    void copyTo(OutputStream out) throws IOException {
        while (true) {
            var chunk = take();
            if (chunk.length == 0) {
                out.flush();
                if (!awaitMore()) {
                    return;
                }
            } else {
                out.write(chunk);
            }
        }
    }

    /** The oldest bytes that wait; empty when there are none. Memory comes first: the file is newer. */
    private byte[] take() throws IOException {
        lock.lock();
        try {
            if (closed) {
                return new byte[0];
            }
            if (memory.size() > 0) {
                var bytes = memory.toByteArray();
                memory.reset();
                return bytes;
            }
            if (file == null || unfiled == filed) {
                return new byte[0];
            }
            var bytes = new byte[(int) Math.min(CHUNK, filed - unfiled)];
            file.seek(unfiled);
            file.readFully(bytes);
            unfiled += bytes.length;
            if (unfiled == filed) {
                unfiled = 0;
                filed = 0;
                file.setLength(0);
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether more is there, or may come; false at the end. */
    private boolean awaitMore() throws IOException {
        lock.lock();
        try {
            while (!closed && memory.size() == 0 && unfiled == filed) {
                if (ended) {
                    return false;
                }
                changed.await();
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for results");
        } finally {
            lock.unlock();
        }
    }

    /** Whether writing and reading are over, so that more results are of no use to anybody. */
    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private RandomAccessFile file() throws IOException {
        var open = file;
        if (open == null) {
            path = Files.createTempFile("runledger-results-", ".ndjson");
            open = new RandomAccessFile(path.toFile(), "rw");
            file = open;
        }
        return open;
    }

    /** The temporary file; null while memory was enough. */
    @Nullable
    Path path() {
        lock.lock();
        try {
            return path;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what was not read, removes the file and lets everybody go who waits. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            memory = new ByteArrayOutputStream(0);
            changed.signalAll();
            if (file != null) {
                file.close();
                file = null;
            }
            if (path != null) {
                Files.deleteIfExists(path);
            }
        } finally {
            lock.unlock();
        }
    }
}
