package dev.runledger.benchmark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process of its own, as every server that is measured is one. */
final class JavaProcess {

    /** The same heap for everybody, so that all of them fit the machine. */
    private static final List<String> OPTIONS = List.of("-Xmx3g", "--enable-native-access=ALL-UNNAMED", "-XX:+UseG1GC");

    private JavaProcess() {}

    /** The command that starts it, with the Java that runs the benchmark. */
    static ProcessBuilder of(List<String> jvmOptions, List<String> whatToRun) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.addAll(jvmOptions);
        command.addAll(whatToRun);
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** The benchmark's own class path without the jars whose names start with {@code prefix}. */
    static String classPathWithout(String prefix) {
        var kept = new ArrayList<String>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!Path.of(entry).getFileName().toString().startsWith(prefix)) {
                kept.add(entry);
            }
        }
        return String.join(File.pathSeparator, kept);
    }

    /** Stops it as an operator would. */
    static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    /** Resident memory of a process, in MiB; from {@code /proc}, so Linux only. */
    static long residentMiB(Process process) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
