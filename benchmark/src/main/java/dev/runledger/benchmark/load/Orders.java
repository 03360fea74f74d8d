package dev.runledger.benchmark.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * Carries out orders that come in on standard input, one a line: {@code name callers milliseconds}. Each is answered by
 * one line on standard output that starts with {@link #MARK}; everything else there is the process's log.
 */
public final class Orders {

    /** How an answer's line starts. */
    public static final String MARK = "@benchmark ";

    /** In an answer, what comes before the rate. */
    public static final String OK = "ok ";

    /** Measures one thing. */
    @FunctionalInterface
    public interface Order {
        Sample carryOut(int callers, Duration duration) throws Exception;
    }

    private Orders() {}

    /** Serves until standard input ends. */
    public static void serve(Map<String, Order> orders) throws IOException {
        PrintStream out = System.out;
        out.println(MARK + OK + Sample.of(0).text());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var parts = line.split(" ");
            String answer;
            try {
                var order = orders.get(parts[0]);
                if (order == null) {
                    throw new IllegalArgumentException("no order " + parts[0]);
                }
                answer = OK
                        + order.carryOut(Integer.parseInt(parts[1]), Duration.ofMillis(Long.parseLong(parts[2])))
                                .text();
            } catch (Exception e) {
                e.printStackTrace(out);
                answer = String.valueOf(e).lines().findFirst().orElse("");
            }
            out.println(MARK + answer);
        }
    }
}
