package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionEvent.ExecutionCompleted;
import dev.runledger.events.execution.ExecutionEvent.ExecutionStarted;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Lists of the past, page by page, while the log goes on. */
class FleetPagesTest {

    private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
    private static final String LATER = "2999-01-01T00:00:00Z";

    private static ReadSide readSide;
    private static long number;

    @BeforeAll
    static void start() {
        readSide = ReadSide.fresh();
    }

    @AfterAll
    static void stop() {
        readSide.close();
    }

    private static ExecutionId started(ExecutionId parent) {
        var id = new ExecutionId(parent.namespace(), new UUID(++number, 7));
        readSide.append(
                id,
                T.plusSeconds(number),
                new ExecutionStarted(
                        new ExecutionDetails(
                                "w", null, null, null, null, null, parent.id(), null, null, null, null, null, null),
                        null));
        return id;
    }

    private static void complete(ExecutionId id) {
        readSide.append(id, T, new ExecutionCompleted(null));
    }

    private static ExecutionId alone(String namespace) {
        var id = new ExecutionId(namespace, new UUID(++number, 7));
        readSide.append(id, T.plusSeconds(number), new ExecutionStarted(ExecutionDetails.NONE, null));
        return id;
    }

    private static String now() {
        return EventJson.format(readSide.bean(EventLog.class).head().recordedAt());
    }

    private static List<String> ids(List<JsonNode> items) {
        return items.stream().map(item -> item.get("executionId").asString()).toList();
    }

    private static List<String> texts(List<ExecutionId> ids) {
        return ids.stream().map(id -> id.id().toString()).toList();
    }

    @Nested
    class AListOfATimeThatIsNotOverYet {

        @ParameterizedTest
        @ValueSource(strings = {"&status=RUNNING", "&status=RUNNING&status=FAILED", ""})
        void showsTheSameTimeOnEveryPage(String status) throws InterruptedException {
            var namespace = "pages" + status.length();
            var ids = new ArrayList<ExecutionId>();
            for (var i = 0; i < 6; i++) {
                ids.add(alone(namespace));
            }
            readSide.settle();
            var uri = "/api/v1/executions?limit=2&at=" + LATER + status;
            var first = readSide.getIn(namespace, uri);
            assertThat(ids(first.items())).isEqualTo(texts(List.of(ids.get(5), ids.get(4))));
            complete(ids.getFirst());
            complete(ids.get(2));
            alone(namespace);
            readSide.settle();
            var second = readSide.getIn(
                    namespace, uri + "&cursor=" + first.json().get("nextCursor").asString());
            var third = readSide.getIn(
                    namespace,
                    uri + "&cursor=" + second.json().get("nextCursor").asString());
            assertThat(ids(second.items())).isEqualTo(texts(List.of(ids.get(3), ids.get(2))));
            assertThat(ids(third.items())).isEqualTo(texts(List.of(ids.get(1), ids.get(0))));
            assertThat(third.items())
                    .allSatisfy(
                            item -> assertThat(item.get("status").asString()).isEqualTo("RUNNING"));
            assertThat(third.json().get("nextCursor").isNull()).isTrue();
            assertThat(List.of(second.json().get("asOf"), third.json().get("asOf")))
                    .containsOnly(first.json().get("asOf"));
        }

        @Test
        void refusesTheCursorOfALaterOne() throws InterruptedException {
            var namespace = "later";
            alone(namespace);
            var before = now();
            alone(namespace);
            alone(namespace);
            readSide.settle();
            var cursor = readSide.getIn(namespace, "/api/v1/executions?limit=1&at=" + LATER)
                    .json()
                    .get("nextCursor")
                    .asString();
            assertThat(readSide.getIn(namespace, "/api/v1/executions?limit=1&at=" + before + "&cursor=" + cursor)
                            .status())
                    .isEqualTo(400);
        }
    }

    @Nested
    class Children {

        @Test
        void areThoseThatWereThereThenAsTheyWereThen() throws InterruptedException {
            var parent = alone("default");
            var one = started(parent);
            var two = started(parent);
            complete(one);
            var then = now();
            complete(parent);
            var three = started(parent);
            complete(two);
            readSide.settle();
            var uri = "/api/v1/executions/" + parent.id() + "/children?";
            assertThat(ids(readSide.get(uri).items())).isEqualTo(texts(List.of(three, two, one)));
            assertThat(readSide.get(uri + "version=1").items()).isEmpty();
            for (var moment : List.of("version=2", "at=" + then)) {
                var children = readSide.get(uri + moment);
                assertThat(ids(children.items())).as(moment).isEqualTo(texts(List.of(two, one)));
                assertThat(children.items().stream()
                                .map(item -> item.get("status").asString()))
                        .containsExactly("RUNNING", "COMPLETED");
                assertThat(ids(readSide.get(uri + moment + "&status=COMPLETED").items()))
                        .isEqualTo(texts(List.of(one)));
            }
            assertThat(ids(readSide.get(uri + "at=" + LATER).items())).isEqualTo(texts(List.of(three, two, one)));
            assertThat(readSide.get(uri + "version=3").status()).isEqualTo(404);
            assertThat(readSide.get(uri + "at=2020-01-01T00:00:00Z").status()).isEqualTo(404);
            assertThat(readSide.get(uri + "version=2&q=x").status()).isEqualTo(400);
        }

        @Test
        void comeInPagesOfOneTime() throws InterruptedException {
            var parent = alone("default");
            var ids = new ArrayList<ExecutionId>();
            for (var i = 0; i < 4; i++) {
                ids.addFirst(started(parent));
            }
            readSide.settle();
            var uri = "/api/v1/executions/" + parent.id() + "/children?limit=3&at=" + LATER;
            var first = readSide.get(uri);
            complete(ids.getLast());
            readSide.settle();
            var second = readSide.get(
                    uri + "&cursor=" + first.json().get("nextCursor").asString());
            assertThat(ids(first.items())).isEqualTo(texts(ids.subList(0, 3)));
            assertThat(ids(second.items())).isEqualTo(texts(ids.subList(3, 4)));
            assertThat(second.items().getFirst().get("status").asString()).isEqualTo("RUNNING");
        }
    }
}
