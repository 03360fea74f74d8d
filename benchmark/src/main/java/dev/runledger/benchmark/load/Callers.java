package dev.runledger.benchmark.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/** Callers that call, wait for the answer, and call again. */
public final class Callers {

    /** One call of one caller, which returns when its effect is durable. */
    @FunctionalInterface
    public interface Call {
        void make() throws Exception;
    }

    /** Makes the calls of one caller, which share whatever state it has. */
    @FunctionalInterface
    public interface Caller {
        Call of(int number) throws Exception;
    }

    private Callers() {}

    /** As many virtual threads as {@code count}, for {@code duration}. */
    public static Sample virtual(int count, Duration duration, Caller callers) throws Exception {
        return run(Thread.ofVirtual().factory(), count, duration, callers);
    }

    /** As many platform threads as {@code count}, for {@code duration}. */
    public static Sample platform(int count, Duration duration, Caller callers) throws Exception {
        return run(Thread.ofPlatform().factory(), count, duration, callers);
    }

    /** The first failure of a caller ends all of them, and is thrown. */
    private static Sample run(ThreadFactory threads, int count, Duration duration, Caller callers) throws Exception {
        var calls = new ArrayList<Call>();
        for (var n = 0; n < count; n++) {
            calls.add(callers.of(n));
        }
        var failed = new AtomicBoolean();
        var all = new Histogram(2);
        try (var executor = Executors.newThreadPerTaskExecutor(threads)) {
            var begin = System.nanoTime();
            var end = begin + duration.toNanos();
            var running = new ArrayList<Future<Histogram>>();
            for (var call : calls) {
                running.add(executor.submit(() -> repeat(call, end, failed)));
            }
            for (var each : running) {
                all.add(each.get());
            }
            return Sample.rate(all, System.nanoTime() - begin);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static Histogram repeat(Call call, long end, AtomicBoolean failed) throws Exception {
        var micros = new Histogram(2);
        try {
            for (var begin = System.nanoTime(); begin < end && !failed.get(); ) {
                call.make();
                var now = System.nanoTime();
                micros.recordValue((now - begin) / 1_000);
                begin = now;
            }
            return micros;
        } catch (Exception e) {
            failed.set(true);
            throw e;
        }
    }
}
