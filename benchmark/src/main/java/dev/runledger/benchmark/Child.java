package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Orders;
import dev.runledger.benchmark.load.Sample;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process of the benchmark's own code that carries out {@link Orders}. */
final class Child implements AutoCloseable {

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter orders;
    private final BufferedWriter log;
    private final Path logFile;
    private final int port;

    private Child(Process process, Path logFile, int port) throws IOException {
        this.process = process;
        this.answers = process.inputReader();
        this.orders = process.outputWriter();
        this.log = Files.newBufferedWriter(logFile);
        this.logFile = logFile;
        this.port = port;
    }

    /** Starts {@code main} and waits until it takes orders. It gets {@code --server.port} beside the arguments. */
    static Child start(String main, String classPath, Path log, List<String> jvmOptions, List<String> arguments)
            throws IOException {
        var port = Server.freePort();
        var whatToRun = new ArrayList<>(List.of("-cp", classPath, main, "--server.port=" + port));
        whatToRun.addAll(arguments);
        var child = new Child(JavaProcess.of(jvmOptions, whatToRun).start(), log, port);
        child.answer();
        return child;
    }

    /** The port that it listens on for HTTP. */
    int port() {
        return port;
    }

    /** @throws IOException with the child's own words when it could not */
    Sample order(String name, int callers, Duration duration) throws IOException {
        orders.write(name + " " + callers + " " + duration.toMillis() + "\n");
        orders.flush();
        return answer();
    }

    private Sample answer() throws IOException {
        for (var line = answers.readLine(); line != null; line = answers.readLine()) {
            if (!line.startsWith(Orders.MARK)) {
                log.write(line);
                log.newLine();
                log.flush();
                continue;
            }
            var answer = line.substring(Orders.MARK.length());
            if (answer.startsWith(Orders.OK)) {
                return Sample.parse(answer.substring(Orders.OK.length()));
            }
            throw new IOException(answer + "; see " + logFile);
        }
        throw new IOException("the process ended; see " + logFile);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        orders.close();
        JavaProcess.stop(process);
        log.close();
    }
}
