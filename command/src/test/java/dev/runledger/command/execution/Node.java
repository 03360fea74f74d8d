package dev.runledger.command.execution;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.eventstore.StableTypeSerializer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;

/** The write side of one server, as it stands on a database that others may write to as well. */
final class Node implements AutoCloseable {

    static final Origin ORIGIN = new Origin("tests", "r1", null);
    private static final long CACHE_BYTES = 64L << 20;

    final PostgresEventStorageEngine engine;
    final EventLog log;
    final ExecutionReader reader;
    final SnapshotWriter snapshots;
    final ExecutionStates states;
    final ExecutionCommands commands;
    private final PostgresEventStore store;
    private final Configuration axon;

    private Node(DataSource database, String codeVersion, long cacheBytes) {
        var serializer = new StableTypeSerializer(EventJson.mapper(), Map.copyOf(ExecutionEventTypes.names()));
        engine = PostgresEventStorageEngine.builder()
                .dataSource(database)
                .eventSerializer(serializer)
                .snapshotSerializer(
                        new StableTypeSerializer(EventJson.mapper(), Map.of(ExecutionState.class, "ExecutionState")))
                .codeVersion(codeVersion)
                .build();
        store = PostgresEventStore.builder().storageEngine(engine).build();
        log = new EventLog(database);
        reader = new ExecutionReader(log, engine);
        snapshots = new SnapshotWriter(engine);
        states = new ExecutionStates(reader, snapshots, cacheBytes);
        axon = DefaultConfigurer.defaultConfiguration(false)
                .configureSerializer(configuration -> serializer)
                .configureEventStore(configuration -> store)
                .configureCommandBus(configuration -> SimpleCommandBus.builder().build())
                .configureAggregate(ExecutionRepository.aggregate(states))
                .buildConfiguration();
        axon.start();
        commands = new ExecutionCommands(axon.commandGateway(), states, Mailboxes.Limits.USUAL);
    }

    static Node on(DataSource database) {
        return new Node(database, ExecutionState.CODE_VERSION, CACHE_BYTES);
    }

    /** One that runs other code. */
    static Node of(String codeVersion, DataSource database) {
        return new Node(database, codeVersion, CACHE_BYTES);
    }

    /** One that keeps hardly any execution in memory. */
    static Node withoutMemory(DataSource database) {
        return new Node(database, ExecutionState.CODE_VERSION, 1);
    }

    /** One that keeps so many bytes of executions in memory. */
    static Node withMemory(long bytes, DataSource database) {
        return new Node(database, ExecutionState.CODE_VERSION, bytes);
    }

    Outcome apply(ExecutionId execution, ExecutionCommand command) {
        return applyAll(execution, command).getFirst();
    }

    List<Outcome> applyAll(ExecutionId execution, ExecutionCommand... given) {
        return commands.apply(
                execution,
                Arrays.stream(given)
                        .map(command -> new Submission(command, Scenario.NOW, null, null))
                        .toList(),
                false,
                ORIGIN);
    }

    @Override
    public void close() {
        axon.shutdown();
        store.shutDown();
        snapshots.close();
        engine.close();
    }
}
