package dev.runledger.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.springframework.boot.SpringBootVersion;

/** What the figures were taken on. Linux tells most of it. */
final class Machine {

    private static final Pattern AXON_JAR = Pattern.compile("axon-messaging-([0-9][^/]*)\\.jar");

    private Machine() {}

    static List<String> describe(Postgres postgres, Arguments arguments)
            throws IOException, InterruptedException, java.sql.SQLException {
        return List.of(
                "%s: %s, %d cores, %s GiB, %s %s; load when it began %.1f"
                        .formatted(
                                LocalDate.now(ZoneOffset.UTC),
                                valueOf("/proc/cpuinfo", "model name"),
                                Runtime.getRuntime().availableProcessors(),
                                Long.parseLong(valueOf("/proc/meminfo", "MemTotal")
                                                .replaceAll("\\D", ""))
                                        >> 20,
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
                "Java %s, PostgreSQL %s (fsync and synchronous_commit on), pgjdbc %s, Spring Boot %s, Axon %s; commit %s"
                        .formatted(
                                Runtime.version(),
                                postgres.text("show server_version"),
                                new Driver().getMajorVersion() + "." + new Driver().getMinorVersion(),
                                SpringBootVersion.getVersion(),
                                axon(),
                                commit(arguments.home())),
                "each figure the median of 3 (lowest–highest) of %s s, contenders by turns; clients, servers and database share the cores"
                        .formatted(arguments.one().toMillis() / 1e3));
    }

    private static String valueOf(String file, String name) throws IOException {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("0");
        }
    }

    private static String axon() {
        var jar = AXON_JAR.matcher(System.getProperty("java.class.path"));
        return jar.find() ? jar.group(1) : "unknown";
    }

    private static String commit(Path home) throws IOException, InterruptedException {
        var git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        try (var out = git.inputReader()) {
            var line = out.readLine();
            return git.waitFor() == 0 && line != null ? line : "unknown";
        }
    }
}
