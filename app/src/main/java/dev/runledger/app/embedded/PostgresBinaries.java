package dev.runledger.app.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks the server programs once per version: several seconds the first time, a look at a folder name afterwards. The
 * folder appears by one rename, so that an interrupted run leaves nothing half unpacked.
 */
final class PostgresBinaries {

    private static final Logger log = LoggerFactory.getLogger(PostgresBinaries.class);

    private PostgresBinaries() {}

    /**
     * @param home folder that keeps one sub-folder per version; the caller holds its lock
     * @return the folder with {@code bin}, {@code lib} and {@code share}
     */
    static Path unpackedBelow(Path home, Platform platform) throws IOException {
        URL archive = PostgresBinaries.class.getClassLoader().getResource(platform.archive());
        if (archive == null) {
            throw platform.unsupported();
        }
        Path unpacked = home.resolve(fingerprint(archive, platform));
        if (Files.isDirectory(unpacked)) {
            return unpacked;
        }
        log.info("Unpacking PostgreSQL for {} into {}", platform.system(), unpacked);
        Path unfinished = home.resolve("unfinished");
        FileSystemUtils.deleteRecursively(unfinished);
        try (InputStream packed = archive.openStream()) {
            unpack(packed, Files.createDirectories(unfinished));
        }
        return Files.move(unfinished, unpacked, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Names an archive by its length, which is known without reading it and differs from version to version. */
    private static String fingerprint(URL archive, Platform platform) throws IOException {
        URLConnection connection = archive.openConnection();
        connection.setUseCaches(false);
        long length = connection.getContentLengthLong();
        if (length < 0) {
            throw new FileSystemException(archive.toString(), null, "has no length");
        }
        return platform.system() + "-" + platform.processor() + "-" + length;
    }

    private static void unpack(InputStream packed, Path folder) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new FileSystemException(entry.getName(), null, "points outside the archive");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.resolveSibling("."));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.copy(folder.resolve(entry.getLinkName()), target);
                } else {
                    Files.copy(tar, target);
                    boolean program = (entry.getMode() & 0100) != 0
                            || folder.relativize(target).startsWith("bin");
                    if (program && !target.toFile().setExecutable(true)) {
                        throw new FileSystemException(target.toString(), null, "cannot be made executable");
                    }
                }
            }
        }
    }
}
