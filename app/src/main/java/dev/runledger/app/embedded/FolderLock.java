package dev.runledger.app.embedded;

import dev.runledger.app.startup.FolderInUse;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
        try {
            FileChannel channel =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw inUse(folder);
            }
            return new FolderLock(real, channel);
        } catch (IOException | RuntimeException e) {
            HELD.remove(real);
            throw e;
        }
    }

    private static FolderInUse inUse(Path folder) {
        return new FolderInUse("The data folder " + folder
                + " is in use by another running Runledger: stop that one, or set runledger.data-dir to a folder of"
                + " its own.");
    }

    /** Once only: afterwards the folder may be another's. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                channel.close();
            } finally {
                HELD.remove(folder);
            }
        }
    }
}
