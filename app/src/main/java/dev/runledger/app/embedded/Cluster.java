package dev.runledger.app.embedded;

import dev.runledger.app.startup.StartRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The files of the database in one folder. Created with the builtin {@code C.UTF-8} locale, so that text sorts the same
 * on every system, and with a random superuser password kept beside the files, readable by their owner only.
 */
record Cluster(Path folder) {

    static final String SUPERUSER = "postgres";

    /** Many rounds of hashing protect guessable passwords; ours are random, and a login should cost next to nothing. */
    static final String PASSWORD_HASHING = "scram_iterations=1";

    private static final Logger log = LoggerFactory.getLogger(Cluster.class);
    private static final String PASSWORD_FILE = "superuser-password";

    /** Creates the files unless they are there; they appear by one rename, complete or not at all. */
    static Cluster openOrCreate(Path folder, PostgresPrograms programs) throws IOException {
        var cluster = new Cluster(folder);
        if (isAt(folder)) {
            if (!Files.exists(cluster.passwordFile())) {
                throw new StartRefused("The folder " + folder + " holds a database whose file " + PASSWORD_FILE
                        + " is missing: restore that file, or move the folder away.");
            }
            return cluster;
        }
        log.info("Creating the database in {}", folder);
        Path unfinished = folder.resolveSibling(folder.getFileName() + ".unfinished");
        FileSystemUtils.deleteRecursively(unfinished);
        Path password = folder.resolveSibling(PASSWORD_FILE + ".unfinished");
        Files.deleteIfExists(password);
        Files.createFile(password, ownerOnly(password));
        Files.writeString(password, randomPassword(), StandardOpenOption.WRITE);
        var outcome = programs.run(
                "initdb",
                List.of(
                        "--pgdata=" + unfinished,
                        "--username=" + SUPERUSER,
                        "--pwfile=" + password,
                        "--auth=scram-sha-256",
                        "--set=" + PASSWORD_HASHING,
                        "--encoding=UTF8",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C"));
        if (!outcome.succeeded()) {
            throw new StartRefused("PostgreSQL could not create its files in " + folder + ": "
                    + outcome.output().lines().reduce((earlier, last) -> last).orElse("no reason given")
                    + " (remedy that, or set spring.datasource.url to a PostgreSQL of yours).");
        }
        Files.move(password, unfinished.resolve(PASSWORD_FILE));
        Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        return cluster;
    }

    /** Whether the folder holds a database. */
    static boolean isAt(Path folder) {
        return Files.exists(folder.resolve("PG_VERSION"));
    }

    static String randomPassword() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    Path passwordFile() {
        return folder.resolve(PASSWORD_FILE);
    }

    String superuserPassword() throws IOException {
        return Files.readString(passwordFile()).strip();
    }

    /** What the server wrote into {@code postmaster.pid}: its process id, while it runs and after it was killed. */
    Optional<Long> recordedProcess() throws IOException {
        Path file = processFile();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return Files.readAllLines(file).stream()
                .findFirst()
                .map(String::strip)
                .filter(line -> line.matches("\\d{1,18}"))
                .map(Long::valueOf);
    }

    void forgetRecordedProcess() throws IOException {
        Files.deleteIfExists(processFile());
    }

    private Path processFile() {
        return folder.resolve("postmaster.pid");
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }
}
