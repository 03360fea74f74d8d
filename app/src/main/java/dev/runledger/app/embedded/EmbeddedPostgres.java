package dev.runledger.app.embedded;

import dev.runledger.app.startup.StartRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own, in a folder of our own, on a port of 127.0.0.1 that stays the same until
 * {@link #close()}. It is durable (fsync, synchronous commit, full page writes) and survives a {@code kill -9} of itself
 * and of this process: the next start recovers. One process at a time may use the folder.
 */
final class EmbeddedPostgres implements AutoCloseable {

    static final String MAJOR_VERSION = "18";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final int START_ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final long LOG_LIMIT_BYTES = 16L << 20;

    private final FolderLock lock;
    private final PostgresPrograms programs;
    private final Cluster cluster;
    private final Path serverLog;
    private int port;
    private @Nullable ProcessHandle server;
    private boolean closed;

    private EmbeddedPostgres(FolderLock lock, PostgresPrograms programs, Cluster cluster, Path serverLog) {
        this.lock = lock;
        this.programs = programs;
        this.cluster = cluster;
        this.serverLog = serverLog;
    }

    /**
     * Starts the server, creating the database the first time (several seconds) and recovering it where the last run did
     * not end in order.
     *
     * @param home folder of the database, the unpacked programs, the lock and the server's log
     * @param port port to listen on; 0 takes a free one
     * @throws StartRefused if the folder is in use or cannot be written, or the system does not let PostgreSQL run
     */
    static EmbeddedPostgres start(Path home, int port) {
        Path folder = home.toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
            FolderLock lock = FolderLock.take(folder);
            try {
                return start(folder, port, lock);
            } catch (IOException | RuntimeException failure) {
                lock.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new StartRefused(
                    "The data folder " + folder + " cannot be used (" + reason(failure)
                            + "): make it writable for this user, or set runledger.data-dir.",
                    failure);
        }
    }

    /** @throws StartRefused if the folder holds no database */
    static void requireDatabase(Path home) {
        Path folder = home.toAbsolutePath().normalize();
        if (!Cluster.isAt(folder.resolve(MAJOR_VERSION))) {
            throw new StartRefused("There is no database in " + folder + ": set runledger.data-dir or DATABASE_URL.");
        }
    }

    private static EmbeddedPostgres start(Path folder, int port, FolderLock lock) throws IOException {
        Platform platform = Platform.current();
        Path unpacked = folder.resolve("binaries");
        PostgresPrograms.in(unpacked, platform).requireAllowed();
        PostgresPrograms programs = PostgresPrograms.in(
                PostgresBinaries.unpackedBelow(Files.createDirectories(unpacked), platform), platform);
        Cluster cluster = Cluster.openOrCreate(folder.resolve(MAJOR_VERSION), programs);
        var postgres = new EmbeddedPostgres(lock, programs, cluster, folder.resolve("server.log"));
        postgres.launch(port);
        return postgres;
    }

    synchronized int port() {
        return port;
    }

    Cluster cluster() {
        return cluster;
    }

    /** Process id of the server, for people and tests; -1 while it is down. */
    synchronized long processId() {
        return server == null ? -1 : server.pid();
    }

    /** Starts the server again on the same port if it died; nothing while it runs and after {@link #close()}. */
    synchronized void reviveIfDead() throws IOException {
        if (!closed && !running()) {
            log.error("The embedded PostgreSQL died: starting it again on port {}", port);
            launch(port);
        }
    }

    /** Stops the server in order and lets go of the folder. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (running()) {
                stop();
            }
        } finally {
            lock.close();
        }
    }

    /** A killed server that nobody has collected yet is still listed as a process, but no longer has a program. */
    private boolean running() {
        return server != null && server.isAlive() && server.info().command().isPresent();
    }

    private void launch(int wantedPort) throws IOException {
        stopOrphan();
        limitLog();
        long begin = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            int candidate = wantedPort == 0 ? freePort() : wantedPort;
            var outcome = programs.run("pg_ctl", startArguments(candidate));
            if (outcome.succeeded()) {
                port = candidate;
                server = cluster.recordedProcess().flatMap(ProcessHandle::of).orElse(null);
                log.info(
                        "Embedded PostgreSQL {} is up on 127.0.0.1:{} after {} ms, data in {}",
                        MAJOR_VERSION,
                        port,
                        Duration.ofNanos(System.nanoTime() - begin).toMillis(),
                        cluster.folder());
                return;
            }
            if (attempt == START_ATTEMPTS) {
                throw new StartRefused("The embedded PostgreSQL does not start, its last words were: " + lastWords());
            }
            // Children of a killed server hold its shared memory for a moment, and a free port may be taken meanwhile.
            pause();
        }
    }

    private List<String> startArguments(int candidate) {
        String settings = Stream.of(
                        "port=" + candidate,
                        "listen_addresses=127.0.0.1",
                        "unix_socket_directories=",
                        "fsync=on",
                        "synchronous_commit=on",
                        "full_page_writes=on",
                        "max_connections=100",
                        "max_wal_size=4GB",
                        Cluster.PASSWORD_HASHING,
                        "timezone=UTC",
                        "log_timezone=UTC",
                        // Statements and row details may hold payloads, which no log shows.
                        "log_error_verbosity=terse",
                        "log_min_error_statement=panic",
                        "log_checkpoints=off")
                .map(setting -> "-c " + setting)
                .collect(Collectors.joining(" "));
        return List.of(
                "start",
                "--pgdata=" + cluster.folder(),
                "--log=" + serverLog,
                "--wait",
                "--timeout=600",
                "--options=" + settings);
    }

    /** A server that outlived a killed Runledger still owns the files; the folder's lock says that nobody needs it. */
    private void stopOrphan() throws IOException {
        server = null;
        var recorded = cluster.recordedProcess();
        if (recorded.isEmpty()) {
            cluster.forgetRecordedProcess();
            return;
        }
        var orphan = ProcessHandle.of(recorded.get()).filter(this::isOurs);
        if (orphan.isEmpty()) {
            log.info("The last run of the embedded PostgreSQL did not end in order: it will recover");
            cluster.forgetRecordedProcess();
            return;
        }
        log.warn("Stopping the embedded PostgreSQL (process {}) that an earlier run left behind", recorded.get());
        stop();
    }

    /** The recorded number may by now be another process's: ours runs a program from beside the cluster. */
    private boolean isOurs(ProcessHandle process) {
        try {
            var program = process.info().command();
            return program.isPresent()
                    && Path.of(program.get())
                            .toRealPath()
                            .startsWith(cluster.folder().toRealPath().getParent());
        } catch (IOException e) {
            return false;
        }
    }

    private void stop() throws IOException {
        var arguments = List.of("stop", "--pgdata=" + cluster.folder(), "--wait", "--timeout=30");
        if (programs.run("pg_ctl", with(arguments, "--mode=fast")).succeeded()) {
            return;
        }
        var outcome = programs.run("pg_ctl", with(arguments, "--mode=immediate"));
        if (!outcome.succeeded() && cluster.recordedProcess().isPresent()) {
            throw new StartRefused("The embedded PostgreSQL in " + cluster.folder() + " cannot be stopped: "
                    + outcome.output().lines().findFirst().orElse("no reason given"));
        }
    }

    private static List<String> with(List<String> arguments, String more) {
        return Stream.concat(arguments.stream(), Stream.of(more)).toList();
    }

    private void limitLog() throws IOException {
        if (Files.exists(serverLog) && Files.size(serverLog) > LOG_LIMIT_BYTES) {
            Files.move(serverLog, serverLog.resolveSibling("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private String lastWords() throws IOException {
        if (!Files.exists(serverLog)) {
            return "none";
        }
        return Files.readAllLines(serverLog).stream()
                .filter(line -> line.contains("FATAL") || line.contains("PANIC"))
                .reduce((earlier, last) -> last)
                .orElse("none");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting the embedded PostgreSQL", interruption);
        }
    }

    private static String reason(IOException failure) {
        return failure.getClass().getSimpleName().replace("Exception", "") + ": " + failure.getMessage();
    }
}
