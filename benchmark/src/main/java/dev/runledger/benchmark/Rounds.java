package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.util.ArrayList;
import java.util.List;

/** Measures contenders by turns, so that a busy minute of the machine is everybody's. */
final class Rounds {

    private static final int ROUNDS = 3;

    /** Measures one value. */
    @FunctionalInterface
    interface Round {
        Sample measure() throws Exception;
    }

    record Contender(String name, String unit, Round round) {}

    private final Lab lab;
    private final List<Contender> contenders = new ArrayList<>();

    Rounds(Lab lab) {
        this.lab = lab;
    }

    Rounds with(String name, String unit, Round round) {
        contenders.add(new Contender(name, unit, round));
        return this;
    }

    /** Three values of each, in the order in which they were named. What one leaves to do is done before the next. */
    List<Measurement> measure() throws Exception {
        var values = new ArrayList<List<Sample>>();
        contenders.forEach(contender -> values.add(new ArrayList<>()));
        for (var round = 0; round < ROUNDS; round++) {
            for (var n = 0; n < contenders.size(); n++) {
                lab.settle();
                values.get(n).add(contenders.get(n).round().measure());
            }
        }
        var measured = new ArrayList<Measurement>();
        for (var n = 0; n < contenders.size(); n++) {
            var contender = contenders.get(n);
            measured.add(new Measurement(contender.name(), contender.unit(), values.get(n)));
        }
        return measured;
    }
}
