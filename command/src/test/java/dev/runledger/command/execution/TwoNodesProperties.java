package dev.runledger.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.testing.TestDatabase;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.jspecify.annotations.Nullable;

/** However commands are spread over servers, each is answered as the only server would answer it. */
class TwoNodesProperties {

    private static final int MAX_COMMANDS = 30;
    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final List<Node> NODES = List.of(
            Node.on(DATABASE.application()),
            Node.on(DATABASE.application()),
            Node.withoutMemory(DATABASE.application()));

    @AfterContainer
    static void close() {
        NODES.forEach(Node::close);
        DATABASE.close();
    }

    /** A command that goes to a node. */
    record Sent(ExecutionCommand command, @Nullable String commandId, int node) {}

    @Provide
    Arbitrary<List<Sent>> sequences() {
        return AnyCommands.sequences(MAX_COMMANDS)
                .flatMap(commands -> Combinators.combine(
                                Arbitraries.of(0, 0, 1, 1, 2).list().ofSize(commands.size()),
                                Arbitraries.of("k1", "k2", "k3", "k4")
                                        .injectNull(0.8)
                                        .list()
                                        .ofSize(commands.size()))
                        .as((nodes, ids) -> IntStream.range(0, commands.size())
                                .mapToObj(i -> new Sent(commands.get(i), ids.get(i), nodes.get(i)))
                                .toList()));
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void theHistoryIsThatOfOne(@ForAll("sequences") List<Sent> sequence) {
        var execution = new ExecutionId("default", UUID.randomUUID());
        var scenario = new Scenario(execution);
        for (var sent : sequence) {
            var expected = scenario.submit(sent.command(), sent.commandId(), null);
            var outcome = NODES.get(sent.node())
                    .commands
                    .apply(
                            execution,
                            List.of(new Submission(sent.command(), Scenario.NOW, sent.commandId(), null)),
                            false,
                            Node.ORIGIN)
                    .getFirst();
            assertAgree(outcome, expected, scenario.state, execution);
        }
        for (var node : NODES) {
            assertThat(node.states.find(execution).execution().state().version())
                    .isLessThanOrEqualTo(scenario.state.version());
        }
        assertThat(NODES.getFirst().reader.read(execution).state()).isEqualTo(scenario.state);
    }

    /** What was appended, in the order in which the log has it, is what one server makes of it in that order. */
    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void theHistoryIsOneAlsoWhenTwoWriteAtOnce(
            @ForAll("sequences") List<Sent> one, @ForAll("sequences") List<Sent> other) {
        var execution = new ExecutionId("default", UUID.randomUUID());
        var both = List.of(sending(execution, one, NODES.get(0)), sending(execution, other, NODES.get(1)));
        var appended = new TreeMap<Long, Sent>();
        for (var sequence : both) {
            sequence.join().forEach((sent, outcome) -> {
                if (outcome instanceof Outcome.Accepted accepted && !accepted.unchanged()) {
                    assertThat(appended.put(accepted.version(), sent)).isNull();
                }
            });
        }
        var scenario = new Scenario(execution);
        appended.forEach((version, sent) -> {
            assertThat(scenario.submit(sent.command(), sent.commandId(), null)).isInstanceOf(Decision.Append.class);
            assertThat(scenario.state.version()).isEqualTo(version);
        });
        assertThat(NODES.getLast().reader.read(execution).state()).isEqualTo(scenario.state);
    }

    private static CompletableFuture<Map<Sent, Outcome>> sending(
            ExecutionId execution, List<Sent> sequence, Node node) {
        return CompletableFuture.supplyAsync(() -> {
            Map<Sent, Outcome> outcomes = new IdentityHashMap<>();
            for (var sent : sequence) {
                var submission = new Submission(sent.command(), Scenario.NOW, sent.commandId(), null);
                outcomes.put(
                        sent,
                        node.commands
                                .apply(execution, List.of(submission), false, Node.ORIGIN)
                                .getFirst());
            }
            return outcomes;
        });
    }

    private static void assertAgree(Outcome outcome, Decision expected, ExecutionState after, ExecutionId execution) {
        switch (expected) {
            case Decision.Refuse refusal ->
                assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Outcome.Refused.class,
                                refused -> assertThat(refused.rejection()).hasSameClassAs(refusal.rejection()));
            case Decision.Repeat repeat ->
                assertThat(outcome).isInstanceOfSatisfying(Outcome.Accepted.class, accepted -> {
                    assertThat(accepted.unchanged()).isTrue();
                    assertIsAt(accepted, after, execution);
                });
            case Decision.Append append ->
                assertThat(outcome).isInstanceOfSatisfying(Outcome.Accepted.class, accepted -> {
                    assertThat(accepted.unchanged()).isFalse();
                    assertIsAt(accepted, after, execution);
                });
        }
    }

    private static void assertIsAt(Outcome.Accepted accepted, ExecutionState after, ExecutionId execution) {
        assertThat(accepted.version()).isEqualTo(after.version());
        assertThat(accepted.status()).isEqualTo(after.status());
        assertThat(accepted.position())
                .isEqualTo(NODES.getFirst().reader.head(execution).orElseThrow().position());
    }
}
