package dev.runledger.command.batch;

import dev.runledger.command.execution.CommandMeters;
import dev.runledger.command.execution.Outcome;
import dev.runledger.command.execution.ReceivedCommand;
import dev.runledger.command.execution.Rejection.StoppedByEarlierRefusal;
import dev.runledger.command.execution.RejectionProblem;
import dev.runledger.command.execution.Submission;
import dev.runledger.events.execution.ExecutionId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;

/**
 * Applies the lines of one batch. Lines of one execution are gathered into windows that are applied one after the
 * other; different executions are worked on in parallel; results leave in the order of the lines. One thread reads
 * and hands over lines, and waits when too many are on their way.
 *
 * <p>A window leaves when it is full, when the input pauses, or when too many lines wait. While an execution's window
 * is being applied, the next one gathers.
 *
 * <p>An execution whose window failed takes no more lines of this batch: they would be applied out of order. The same
 * goes for one with a refused line, where the batch stops at refusals.
 */
final class BatchRun implements AutoCloseable {

    /** Applies commands of one execution in order; what a window is for. */
    @FunctionalInterface
    interface Application {
        List<Outcome> apply(ExecutionId execution, List<Submission> submissions);
    }

    /** Takes results in line order, each as JSON. Never waits for the client. */
    @FunctionalInterface
    interface Results {
        void write(List<byte[]> results) throws IOException;
    }

    /** Stands for the problem that names the execution. */
    private static final ProblemDetail STOPPED = ProblemDetail.forStatus(409);

    private final Application application;
    private final boolean stopAtRefusal;
    private final LineResults results;
    private final Results out;
    private final CommandMeters meters;
    private final Limits limits;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progressed = lock.newCondition();
    private final ArrayDeque<Line> waiting = new ArrayDeque<>();
    private final Map<ExecutionId, Lane> lanes = new HashMap<>();
    private final List<Lane> gathering = new ArrayList<>();
    private final ArrayDeque<Lane> ready = new ArrayDeque<>();

    /** Why an execution takes no more lines. */
    private final Map<ExecutionId, ProblemDetail> barred = new HashMap<>();

    private long waitingBytes;
    private int running;
    private boolean aborted;

    /** Why results are missing; null while none is. */
    private @Nullable IOException lost;

    BatchRun(
            Application application,
            boolean stopAtRefusal,
            LineResults results,
            Results out,
            CommandMeters meters,
            Limits limits) {
        this.application = application;
        this.stopAtRefusal = stopAtRefusal;
        this.results = results;
        this.out = out;
        this.meters = meters;
        this.limits = limits;
    }

    /** The lines of one execution that were not applied yet. */
    private static final class Lane {
        final ExecutionId execution;
        final ArrayDeque<Line> lines = new ArrayDeque<>();
        long bytes;

        /** How many of the lines, from the first, wait for nothing but their turn. */
        int due;

        boolean gathering;

        /** Whether a window of it is being applied, or it waits for a thread. */
        boolean busy;

        Lane(ExecutionId execution) {
            this.execution = execution;
        }
    }

    /** Hands over a line that was understood. */
    void accept(long number, int bytes, ReceivedCommand command) throws InterruptedException {
        lock.lock();
        try {
            var line = new Line(number, bytes, command);
            enter(line);
            var bar = barred.get(command.execution());
            if (bar == null) {
                gather(line, command.execution());
            } else {
                refuse(line, command, bar);
                release();
            }
            awaitRoom();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands over a line that cannot be applied.
     *
     * @param execution null when the line does not say which
     */
    void refuse(long number, int bytes, @Nullable ExecutionId execution, ProblemDetail problem)
            throws InterruptedException {
        lock.lock();
        try {
            var line = new Line(number, bytes, null);
            enter(line);
            line.result = results.problem(number, execution == null ? null : execution.id(), problem);
            if (stopAtRefusal && execution != null) {
                barred.putIfAbsent(execution, STOPPED);
            }
            release();
            awaitRoom();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of every window: no more lines are coming right now. */
    void flush() {
        lock.lock();
        try {
            for (var lane : gathering) {
                lane.gathering = false;
                makeDue(lane);
            }
            gathering.clear();
            dispatch();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every line has its result, or the batch was aborted. */
    void finish() throws InterruptedException {
        flush();
        lock.lock();
        try {
            while (!waiting.isEmpty() && !aborted) {
                progressed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Applies nothing more; windows that are being applied are not waited for. */
    void abort() {
        lock.lock();
        try {
            aborted = true;
            ready.clear();
            gathering.clear();
            lanes.clear();
            waiting.clear();
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        abort();
    }

    boolean isAborted() {
        lock.lock();
        try {
            return aborted;
        } finally {
            lock.unlock();
        }
    }

    private void enter(Line line) {
        waiting.add(line);
        waitingBytes += line.bytes;
    }

    private void gather(Line line, ExecutionId execution) {
        var lane = lanes.computeIfAbsent(execution, Lane::new);
        lane.lines.add(line);
        lane.bytes += line.bytes;
        if (lane.lines.size() >= limits.windowLines() || lane.bytes >= limits.windowBytes()) {
            makeDue(lane);
            dispatch();
        } else if (!lane.gathering) {
            lane.gathering = true;
            gathering.add(lane);
        }
    }

    private void makeDue(Lane lane) {
        lane.due = lane.lines.size();
        if (lane.due > 0 && !lane.busy) {
            lane.busy = true;
            ready.add(lane);
        }
    }

    private void dispatch() {
        while (running < limits.parallel() && !ready.isEmpty() && !aborted) {
            var lane = ready.remove();
            var window = window(lane);
            running++;
            Thread.ofVirtual().name("batch").start(() -> work(lane, window));
        }
    }

    private List<Line> window(Lane lane) {
        var window = new ArrayList<Line>();
        var bytes = 0L;
        while (!lane.lines.isEmpty()
                && window.size() < limits.windowLines()
                && (window.isEmpty() || bytes + lane.lines.element().bytes <= limits.windowBytes())) {
            var line = lane.lines.remove();
            bytes += line.bytes;
            window.add(line);
        }
        lane.bytes -= bytes;
        lane.due = Math.max(0, lane.due - window.size());
        return window;
    }

    private void work(Lane lane, List<Line> window) {
        try {
            applyAndSettle(lane, window);
        } catch (RuntimeException | Error e) {
            broken(new IOException("a window of a batch could not be settled", e));
        }
    }

    private void applyAndSettle(Lane lane, List<Line> window) {
        var applied = apply(lane.execution, window);
        var bar = applied.bar();
        lock.lock();
        try {
            running--;
            if (aborted) {
                return;
            }
            for (var i = 0; i < window.size(); i++) {
                settle(window.get(i), applied.results().get(i));
            }
            if (bar != null) {
                barred.putIfAbsent(lane.execution, bar);
                for (var line : lane.lines) {
                    refuse(line, line.command, bar);
                }
                lane.lines.clear();
            }
            lane.busy = false;
            if (lane.lines.isEmpty()) {
                lanes.remove(lane.execution);
            } else if (lane.due > 0) {
                lane.busy = true;
                ready.add(lane);
            }
            release();
            dispatch();
        } finally {
            lock.unlock();
        }
    }

    /**
     * What became of a window.
     *
     * @param results one for each line
     * @param bar why the execution takes no more lines; null when it does
     */
    private record Applied(List<byte[]> results, @Nullable ProblemDetail bar) {}

    private Applied apply(ExecutionId execution, List<Line> window) {
        var submissions =
                window.stream().map(line -> commandOf(line).submission()).toList();
        List<Outcome> outcomes;
        try {
            outcomes = application.apply(execution, submissions);
        } catch (RuntimeException | Error e) {
            return failed(execution, window, BatchFaults.problem(e, execution));
        }
        var written = new ArrayList<byte[]>(window.size());
        @Nullable ProblemDetail bar = null;
        for (var i = 0; i < window.size(); i++) {
            var line = window.get(i);
            var outcome = outcomes.get(i);
            meters.applied(commandOf(line).name(), outcome);
            switch (outcome) {
                case Outcome.Accepted accepted -> written.add(results.accepted(line.number, execution.id(), accepted));
                case Outcome.Refused refused -> {
                    var problem = RejectionProblem.of(refused.rejection());
                    written.add(results.problem(line.number, execution.id(), problem));
                    bar = stopAtRefusal ? STOPPED : null;
                }
            }
        }
        return new Applied(written, bar);
    }

    private Applied failed(ExecutionId execution, List<Line> window, ProblemDetail problem) {
        var written = new ArrayList<byte[]>(window.size());
        for (var line : window) {
            meters.failed(commandOf(line).name());
            written.add(results.problem(line.number, execution.id(), problem));
        }
        return new Applied(written, problem);
    }

    private void refuse(Line line, @Nullable ReceivedCommand command, ProblemDetail bar) {
        if (command == null) {
            throw new IllegalStateException("line " + line.number + " has its result already");
        }
        meters.refused(command.name());
        var execution = command.execution();
        settle(
                line,
                results.problem(
                        line.number,
                        execution.id(),
                        bar == STOPPED ? RejectionProblem.of(new StoppedByEarlierRefusal(execution)) : bar));
    }

    private static void settle(Line line, byte[] result) {
        line.result = result;
        line.command = null;
    }

    private static ReceivedCommand commandOf(Line line) {
        var command = line.command;
        if (command == null) {
            throw new IllegalStateException("line " + line.number + " has its result already");
        }
        return command;
    }

    /** Lets results go that no earlier line holds back. */
    private void release() {
        var released = new ArrayList<byte[]>();
        for (var line = waiting.peek(); line != null && line.result != null; line = waiting.peek()) {
            waiting.remove();
            waitingBytes -= line.bytes;
            released.add(line.result);
        }
        if (released.isEmpty()) {
            return;
        }
        try {
            out.write(released);
        } catch (IOException e) {
            broken(new IOException("the results of a batch cannot be kept until the client takes them", e));
        }
        progressed.signalAll();
    }

    /** @throws IOException when results were lost: an orderly end would make the rest look like all */
    void requireResults() throws IOException {
        lock.lock();
        try {
            if (lost != null) {
                throw lost;
            }
        } finally {
            lock.unlock();
        }
    }

    private void broken(IOException why) {
        lock.lock();
        try {
            lost = why;
            abort();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() throws InterruptedException {
        if (waiting.size() < limits.waitingLines() && waitingBytes < limits.waitingBytes()) {
            return;
        }
        flush();
        while (!aborted && (waiting.size() > limits.waitingLines() / 2 || waitingBytes > limits.waitingBytes() / 2)) {
            progressed.await();
        }
    }
}
