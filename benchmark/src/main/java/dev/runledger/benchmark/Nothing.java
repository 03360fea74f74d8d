package dev.runledger.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;

/** What HTTP and the load generator cost by themselves: an endpoint that does nothing, on the baselines' web server. */
record Nothing() implements Scenario {

    @Override
    public String name() {
        return "nothing";
    }

    @Override
    public void measure(Lab lab, Report report) throws Exception {
        var axon = lab.axon().port();
        var nothing = Reads.always("/nothing");
        lab.warm("doing nothing", duration -> HttpLoad.of(axon, 64, duration, nothing));
        var threads = ManagementFactory.getThreadMXBean();
        var before = threads.getCurrentThreadCpuTime();
        var begin = System.nanoTime();
        var measured = new Rounds(lab)
                .with("nothing", "requests/s", () -> HttpLoad.of(axon, 64, lab.one(), nothing))
                .measure()
                .getFirst();
        var cpu = threads.getCurrentThreadCpuTime() - before;
        var seconds = Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1e3;
        report.add(new Row(name(), "a request that does nothing, 64 connections", null, measured, null, List.of()));
        report.note(String.format(
                "The load generator takes %.1f µs of a core for such a request, so it alone could ask %,.0f times a second.",
                cpu / 1e3 / (measured.median().figure() * seconds),
                measured.median().figure() * seconds * 1e9 / cpu));
    }
}
