package dev.runledger.command.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.command.execution.KnownExecution.SnapshotMark;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.testing.TestDatabase;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.axonframework.eventhandling.GenericDomainEventMessage;

/** A snapshot and the events after it lead to where the events alone lead. */
class SnapshotProperties {

    private static final int MAX_COMMANDS = 30;
    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final Node NODE = Node.on(DATABASE.application());
    private static final ExecutionReader EAGER = new ExecutionReader(NODE.log, NODE.engine, 1);

    @AfterContainer
    static void close() {
        NODE.close();
        DATABASE.close();
    }

    @Provide
    Arbitrary<List<ExecutionCommand>> sequences() {
        return AnyCommands.sequences(MAX_COMMANDS);
    }

    @Provide
    Arbitrary<Double> share() {
        return Arbitraries.doubles().between(0, 1);
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void theStateIsTheSame(@ForAll("sequences") List<ExecutionCommand> commands, @ForAll("share") double share) {
        var execution = new ExecutionId("default", UUID.randomUUID());
        var scenario = new Scenario(execution);
        commands.forEach(scenario::submit);
        Assume.that(!scenario.history.isEmpty());
        NODE.applyAll(execution, commands.toArray(ExecutionCommand[]::new));

        var before = ExecutionState.NONE;
        for (var event : scenario.history.subList(0, 1 + (int) (share * (scenario.history.size() - 1)))) {
            before = before.evolve(event, null);
        }
        NODE.engine.storeSnapshot(
                new GenericDomainEventMessage<>("Execution", execution.toString(), before.version() - 1, before));

        var read = EAGER.read(execution);
        assertThat(read.state()).isEqualTo(scenario.state);
        assertThat(read.head())
                .isEqualTo(
                        NODE.log.streamHead(ExecutionReader.stream(execution)).orElseThrow());
        if (scenario.history.size() > 1) {
            assertThat(read.snapshot()).isEqualTo(SnapshotMark.of(before));
        }
    }
}
