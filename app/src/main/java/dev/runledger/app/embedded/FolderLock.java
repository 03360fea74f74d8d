package dev.runledger.app.embedded;

import dev.runledger.app.startup.FolderInUse;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Holds a folder for one process; the operating system lets go of it when the process ends in whatever way. */
final class FolderLock implements AutoCloseable {

    /**
     * The folders that this process holds. Their files are opened once: whichever of them is closed, POSIX lets go of
     * all locks that the process has on the file.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /** @throws FolderInUse if another process, or another server of this one, holds the folder */
    static FolderLock take(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (!HELD.add(real)) {
            throw inUse(folder);
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException | RuntimeException e) {
            HELD.remove(real);
            throw e;
        }
        boolean held = false;
        try {
            held = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by the same code in another class loader, whose files it does not know of.
        } finally {
            if (!held) {
                release(real, channel);
            }
        }
        if (!held) {
            throw inUse(folder);
        }
        return new FolderLock(real, channel);
    }

    /** Closes first: a file that is opened meanwhile would lose its lock by that. */
    private static void release(Path folder, FileChannel channel) throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(folder);
        }
    }

    private static FolderInUse inUse(Path folder) {
        return new FolderInUse("The data folder " + folder
                + " is in use by another running Runledger: stop that one, or set runledger.data-dir to a folder of"
                + " its own.");
    }

    /** Once only: afterwards the folder may be another's. */
    @Override
    public synchronized void close() throws IOException {
        if (channel.isOpen()) {
            release(folder, channel);
        }
    }
}
