package dev.runledger.app.embedded;

import com.sun.security.auth.module.UnixSystem;
import dev.runledger.app.startup.StartRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@code initdb} and {@code pg_ctl}. PostgreSQL refuses to run as root; where root may create a user namespace the
 * programs run in one, in which they are nobody.
 */
final class PostgresPrograms {

    private static final List<String> AS_NOBODY = List.of("unshare", "-U");

    private final Path folder;
    private final Platform platform;
    private final List<String> prefix;

    private PostgresPrograms(Path folder, Platform platform, List<String> prefix) {
        this.folder = folder;
        this.platform = platform;
        this.prefix = prefix;
    }

    /** @throws StartRefused if this process is root and may not create a user namespace */
    static PostgresPrograms in(Path folder, Platform platform) {
        boolean root = !platform.system().equals("windows") && new UnixSystem().getUid() == 0;
        return new PostgresPrograms(folder, platform, root ? AS_NOBODY : List.of());
    }

    /** @throws StartRefused if this process is root and may not create a user namespace */
    void requireAllowed() {
        if (!prefix.isEmpty()) {
            requireUserNamespace(List.of("unshare", "-U", "id", "-un"));
        }
    }

    /** @param probe a command that succeeds where root may create a user namespace with a named user */
    static void requireUserNamespace(List<String> probe) {
        try {
            if (execute(probe).exitCode() == 0) {
                return;
            }
        } catch (IOException missing) {
            // Answered below: a system without the program has no way either.
        }
        throw new StartRefused("PostgreSQL refuses to run as root and this system grants root no user namespace: run"
                + " Runledger as another user, or set spring.datasource.url (or DATABASE_URL) to a PostgreSQL of"
                + " yours.");
    }

    /** Waits for the program's end. */
    Outcome run(String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(folder.resolve("bin").resolve(platform.executable(program)).toString());
        command.addAll(arguments);
        return execute(command);
    }

    private static Outcome execute(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), output.strip());
        } catch (InterruptedException interruption) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command.getFirst(), interruption);
        }
    }

    /** @param output what the program printed, both streams */
    record Outcome(int exitCode, String output) {

        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
