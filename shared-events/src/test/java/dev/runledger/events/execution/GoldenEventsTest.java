package dev.runledger.events.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.events.EventJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is in the log stays readable: every event has a stored form that is fixed, character by character. */
class GoldenEventsTest {

    /** One line per example, {@code <name> <revision> <json>}: the bytes that the log holds. */
    private static final String GOLDEN = "/golden/execution-events.txt";

    record Golden(String name, int revision, String json) {}

    static List<Golden> goldenEvents() throws IOException {
        try (var in = GoldenEventsTest.class.getResourceAsStream(GOLDEN)) {
            assertThat(in).as(GOLDEN).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", 3))
                    .map(parts -> new Golden(parts[0], Integer.parseInt(parts[1]), parts[2]))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("goldenEvents")
    void isReadAndWrittenAgainAsTheSameText(Golden golden) {
        var type = ExecutionEventTypes.classOf(golden.name());
        var event = EventJson.mapper().readValue(golden.json(), type);
        assertThat(EventJson.mapper().writeValueAsString(event)).isEqualTo(golden.json());
    }

    @Test
    void everyKindOfEventHasAnExampleOfItsPresentRevision() throws IOException {
        var present = goldenEvents().stream()
                .map(golden -> golden.name() + " " + golden.revision())
                .distinct()
                .toList();
        var wanted = kinds(ExecutionEvent.class)
                .map(type -> ExecutionEventTypes.names().get(type) + " " + ExecutionEventTypes.revisionOf(type))
                .toList();
        assertThat(present).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void anUnknownFieldIsNotSkipped() {
        assertThatThrownBy(
                        () -> EventJson.mapper().readValue("{\"outptu\":1}", ExecutionEvent.ExecutionCompleted.class))
                .hasMessageContaining("outptu");
    }

    @SuppressWarnings("unchecked")
    private static Stream<Class<? extends ExecutionEvent>> kinds(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(GoldenEventsTest::kinds)
                : Stream.of((Class<? extends ExecutionEvent>) type);
    }
}
