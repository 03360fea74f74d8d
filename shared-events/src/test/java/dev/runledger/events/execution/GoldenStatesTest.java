package dev.runledger.events.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.events.EventJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

/**
 * States are kept in snapshots, and read back by code of the same version: neither their form nor the way that events
 * lead to them changes under one version.
 */
class GoldenStatesTest {

    /** Two lines per event, {@code <name> <commandId or -> <json>} and the state after it. */
    private static final String GOLDEN = "/golden/execution-states-" + ExecutionState.CODE_VERSION + ".txt";

    private static List<String> golden() throws IOException {
        try (var in = GoldenStatesTest.class.getResourceAsStream(GOLDEN)) {
            assertThat(in).as(GOLDEN).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static ExecutionState evolve(ExecutionState state, String line) {
        var parts = line.split(" ", 3);
        var event = EventJson.mapper().readValue(parts[2], ExecutionEventTypes.classOf(parts[0]));
        return state.evolve(event, parts[1].equals("-") ? null : parts[1]);
    }

    @Test
    void everyEventLeadsToTheSameStateAsEver() throws IOException {
        var golden = golden();
        var state = ExecutionState.NONE;
        var lines = new ArrayList<String>();
        for (var i = 0; i < golden.size(); i += 2) {
            state = evolve(state, golden.get(i));
            lines.add(golden.get(i));
            lines.add(EventJson.mapper().writeValueAsString(state));
        }
        assertThat(lines)
                .as("a change of states needs another ExecutionState.CODE_VERSION, and a golden file of that name")
                .isEqualTo(golden);
    }

    @Test
    void everyKindOfEventIsAmongThem() throws IOException {
        var golden = golden();
        assertThat(Stream.iterate(0, i -> i < golden.size(), i -> i + 2)
                        .map(i -> golden.get(i).split(" ", 2)[0])
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(ExecutionEventTypes.names().values());
    }

    static Stream<String> states() throws IOException {
        var golden = golden();
        return Stream.iterate(1, i -> i < golden.size(), i -> i + 2).map(golden::get);
    }

    @ParameterizedTest
    @MethodSource("states")
    void isReadAndWrittenAgainAsTheSameText(String text) {
        var state = EventJson.mapper().readValue(text, ExecutionState.class);
        assertThat(EventJson.mapper().writeValueAsString(state)).isEqualTo(text);
    }

    @Test
    void isTheSameStateWhenItIsReadBack() throws IOException {
        var state = ExecutionState.NONE;
        assertThat(readBack(state)).isEqualTo(state);
        var golden = golden();
        for (var i = 0; i < golden.size(); i += 2) {
            state = evolve(state, golden.get(i));
            assertThat(readBack(state)).isEqualTo(state);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "[\"RUNNING\",false]",
                "[null,false,0,0,null,null,0,0,0,[],0,0,0,[],[],[],1]",
                "[null,false,7,0,null,null,0,0,0,[],0,0,0,[],[],[]]"
            })
    void anythingElseIsNoState(String text) {
        assertThatThrownBy(() -> EventJson.mapper().readValue(text, ExecutionState.class))
                .isInstanceOf(JacksonException.class);
    }

    private static ExecutionState readBack(ExecutionState state) {
        return EventJson.mapper().readValue(EventJson.mapper().writeValueAsString(state), ExecutionState.class);
    }
}
