package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands on a step. */
class StepsTest extends OverHttp {

    /** Names that executors give their steps. */
    static List<String> names() {
        return List.of(
                "a/b",
                "/",
                "a//b",
                "a%b",
                "%2F",
                "a;b",
                "a;b=c",
                "a b",
                " a ",
                "a+b",
                "a?b#c",
                "a\\b",
                ".hidden",
                "a..b",
                "step:1",
                "Änderung",
                "分析",
                "🚀",
                "e\u0301",
                "x".repeat(255),
                "🚀".repeat(255));
    }

    @Nested
    class AStep {

        @ParameterizedTest
        @MethodSource("dev.runledger.app.api.StepsTest#names")
        void keepsTheNameThatItsExecutorGaveIt(String name) {
            var id = ledger.start();
            var started = ledger.command(step(id, name, "start"), "{'input': 1}");
            assertThat(started.text("step.stepId")).isEqualTo(name);
            ledger.command(step(id, name, "fail"), "{'error': {'message': 'm'}, 'retryable': false}");
            assertThat(ledger.get(of(id, "steps")).each("stepId")).containsExactly(name);
            assertThat(ledger.get(step(id, name)).each("stepId")).containsExactly(name);
            assertThat(ledger.get(of(id, "events") + "?stepId=" + Ledger.encoded(name))
                            .each("type"))
                    .containsExactly("StepStarted", "StepFailed");
        }

        @ParameterizedTest
        @MethodSource("dev.runledger.app.api.StepsTest#names")
        void mayBeNamedInTheBody(String name) {
            var id = ledger.start();
            var body = Answer.parse("{}").asObject().put("stepId", name).toString();
            var bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            ledger.post(of(id, "steps"), "application/json", bytes).is(200).changed(true);
            ledger.command(step(id, name, "start"), "{}").changed(true);
            assertThat(ledger.get(of(id, "steps")).each("stepId")).containsExactly(name);
        }

        @Test
        void isAnotherOneInAnotherCase() {
            var id = ledger.start();
            for (var name : List.of("A", "a", "\u00e9", "e\u0301")) {
                ledger.command(step(id, name, "start"), "{}").changed(true);
            }
            assertThat(ledger.get(of(id, "steps")).each("stepId")).containsExactly("A", "a", "\u00e9", "e\u0301");
        }
    }

    @Nested
    class TheTable {

        private static final List<String> STATES = List.of(
                "none", "PENDING", "RUNNING", "RETRYING", "COMPLETED", "FAILED", "SKIPPED", "CANCELLED", "TIMED_OUT");

        private static final Map<String, String> BODIES =
                Map.of("complete", "{'output': {'a': 1}}", "fail", "{'error': {'message': 'm'}}");

        @ParameterizedTest
        @CsvSource({
            "schedule, PENDING, same, same, same, same, same, same, same, same",
            "start, RUNNING, RUNNING, same, RUNNING, same, same, 409, same, same",
            "complete, 409, 409, COMPLETED, 409, same, 409, 409, 409, 409",
            "fail, 409, 409, FAILED, same, 409, same, 409, 409, 409",
            "skip, SKIPPED, SKIPPED, 409, 409, 409, 409, same, 409, 409",
            "cancel, 409, CANCELLED, CANCELLED, CANCELLED, 409, 409, 409, same, 409",
            "timeout, 409, 409, TIMED_OUT, TIMED_OUT, 409, 409, 409, 409, same"
        })
        void holds(
                String command,
                String none,
                String pending,
                String running,
                String retrying,
                String completed,
                String failed,
                String skipped,
                String cancelled,
                String timedOut) {
            var expected = List.of(none, pending, running, retrying, completed, failed, skipped, cancelled, timedOut);
            for (var i = 0; i < expected.size(); i++) {
                var id = executionWithStepThatIs(STATES.get(i));
                var head = head();
                var answer = command.equals("schedule")
                        ? ledger.post(of(id, "steps"), "{'stepId': 's'}")
                        : ledger.post(step(id, "s", command), BODIES.getOrDefault(command, "{}"));
                var cell = command + " of one that is " + STATES.get(i) + " answers " + answer.text();
                switch (expected.get(i)) {
                    case "409" -> {
                        assertThat(answer.status()).as(cell).isEqualTo(409);
                        assertThat(answer.header("Content-Type")).as(cell).isEqualTo("application/problem+json");
                        assertThat(answer.text("currentStatus")).as(cell).isEqualTo("RUNNING");
                        assertThat(answer.number("currentVersion"))
                                .as(cell)
                                .isEqualTo(ledger.events(id).size());
                        assertThat(head()).as(cell).isEqualTo(head);
                    }
                    case "same" -> {
                        assertThat(answer.status()).as(cell).isEqualTo(200);
                        assertThat(answer.at("unchanged").booleanValue())
                                .as(cell)
                                .isTrue();
                        assertThat(answer.text("step.status")).as(cell).isEqualTo(STATES.get(i));
                        assertThat(head()).as(cell).isEqualTo(head);
                    }
                    default -> {
                        assertThat(answer.status()).as(cell).isEqualTo(200);
                        assertThat(answer.at("unchanged").booleanValue())
                                .as(cell)
                                .isFalse();
                        assertThat(answer.text("status")).as(cell).isEqualTo("RUNNING");
                        assertThat(answer.text("step.status")).as(cell).isEqualTo(expected.get(i));
                        assertThat(answer.text("step.stepId")).as(cell).isEqualTo("s");
                        assertThat(answer.number("step.iteration")).as(cell).isEqualTo(1);
                        assertThat(head()).as(cell).isEqualTo(head + 1);
                        assertThat(ledger.get(of(id, "steps")).each("status"))
                                .as(cell)
                                .containsExactly(expected.get(i));
                    }
                }
            }
        }

        private String executionWithStepThatIs(String state) {
            var id = ledger.start();
            if (state.equals("none")) {
                return id;
            }
            var retries = state.equals("RETRYING") ? 1 : 0;
            ledger.command(of(id, "steps"), "{'stepId': 's', 'maxRetries': " + retries + "}");
            if (!state.equals("PENDING") && !state.equals("SKIPPED")) {
                ledger.command(step(id, "s", "start"), "{}");
            }
            switch (state) {
                case "RETRYING", "FAILED" -> ledger.command(step(id, "s", "fail"), BODIES.get("fail"));
                case "COMPLETED" -> ledger.command(step(id, "s", "complete"), BODIES.get("complete"));
                case "SKIPPED" -> ledger.command(step(id, "s", "skip"), "{}");
                case "CANCELLED" -> ledger.command(step(id, "s", "cancel"), "{}");
                case "TIMED_OUT" -> ledger.command(step(id, "s", "timeout"), "{}");
                default -> assertThat(state).isIn("PENDING", "RUNNING");
            }
            return id;
        }
    }

    @Nested
    class AnArrayOfSteps {

        @Test
        void isOneCommand() {
            var id = ledger.start();
            var head = head();
            var body = "[{'stepId': 'a', 'maxRetries': 1}, {'stepId': 'b', 'dependsOn': ['a'], 'order': 7}]";
            var answer = ledger.command(of(id, "steps"), body).changed(true);
            assertThat(answer.version()).isEqualTo(3);
            assertThat(answer.position()).isEqualTo(head + 2);
            assertThat(answer.at("step")).isEqualTo(Answer.parse(Ledger.json("""
                            [{'stepId': 'a', 'iteration': 1, 'attempt': 0, 'status': 'PENDING'},
                             {'stepId': 'b', 'iteration': 1, 'attempt': 0, 'status': 'PENDING'}]""")));
            ledger.command(of(id, "steps"), body).changed(false);
            ledger.command(of(id, "steps"), "[{'stepId': 'a'}, {'stepId': 'c'}]")
                    .changed(true);
            assertThat(ledger.get(of(id, "steps")).each("stepId")).containsExactly("b", "a", "c");
        }

        @Test
        void isRefusedAsAWhole() {
            var id = ledger.start();
            ledger.command(of(id, "steps"), "{'stepId': 'a', 'input': 1}");
            var head = head();
            ledger.post(of(id, "steps"), "[{'stepId': 'new'}, {'stepId': 'a', 'input': 2}]")
                    .isProblem(409, "content-mismatch");
            ledger.post(of(id, "steps"), "[{'stepId': 'new'}, {'stepId': '', 'x': 1}, {}, 7]")
                    .isProblem(400, "bad-request")
                    .pointsAt("/1/stepId", "/1/x", "/2/stepId", "/3");
            ledger.post(of(id, "steps"), "[]").isProblem(400, "bad-request").pointsAt("");
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void hasOneKeyAndOneCondition() {
            var id = ledger.start();
            var body = "[{'stepId': 'a'}, {'stepId': 'b'}]";
            ledger.with("If-Match", "\"2\"").post(of(id, "steps"), body).isProblem(412, "version-mismatch");
            var keyed = ledger.with("Idempotency-Key", "k");
            keyed.with("If-Match", "\"1\"").command(of(id, "steps"), body).changed(true);
            keyed.command(of(id, "steps"), "[{'stepId': 'other'}]").changed(false);
            assertThat(ledger.get(of(id, "steps")).each("stepId")).containsExactly("a", "b");
        }

        @Test
        void mayHaveThousandsOfItems() {
            var id = ledger.start();
            assertThat(ledger.command(of(id, "steps"), steps(2_000)).version()).isEqualTo(2_001);
            assertThat(ledger.get(of(id)).number("stepCounts.PENDING")).isEqualTo(2_000);
            ledger.post(of(id, "steps"), steps(10_001))
                    .isProblem(400, "bad-request")
                    .pointsAt("");
        }

        private static String steps(int count) {
            return IntStream.range(0, count)
                    .mapToObj(i -> "{'stepId': 's" + i + "'}")
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }

    @Nested
    class Retries {

        @Test
        void areCountedAndEnd() {
            var id = ledger.start();
            var fail = "{'error': {'message': 'm'}, 'nextRetryAt': '2030-01-01T00:00:00Z'}";
            assertThat(ledger.command(step(id, "s", "start"), "{'maxRetries': 1}")
                            .number("step.attempt"))
                    .isEqualTo(1);
            assertThat(ledger.command(step(id, "s", "fail"), fail).text("step.status"))
                    .isEqualTo("RETRYING");
            assertThat(ledger.get(of(id, "steps")).text("items.0.nextRetryAt"))
                    .isEqualTo("2030-01-01T00:00:00.000000Z");
            assertThat(ledger.command(step(id, "s", "start"), "{}").number("step.attempt"))
                    .isEqualTo(2);
            assertThat(ledger.command(step(id, "s", "fail"), fail).text("step.status"))
                    .isEqualTo("FAILED");
            var found = ledger.get(step(id, "s")).items().getFirst();
            assertThat(found.path("retryCount").asInt()).isEqualTo(1);
            assertThat(found.path("attempts")).hasSize(2);
        }

        @Test
        void areRefusedWhereTheExecutorSaysSo() {
            var id = ledger.start();
            ledger.command(step(id, "s", "start"), "{'maxRetries': 5}");
            assertThat(ledger.command(step(id, "s", "fail"), "{'error': {'message': 'm'}, 'retryable': false}")
                            .text("step.status"))
                    .isEqualTo("FAILED");
        }

        @Test
        void keepALateWorkerFromEndingAnothersAttempt() {
            var id = ledger.start();
            ledger.command(step(id, "s", "start"), "{'maxRetries': 5}");
            ledger.command(step(id, "s", "fail"), "{'error': {'message': 'm'}}");
            ledger.command(step(id, "s", "start"), "{'attempt': 2}").changed(true);
            ledger.post(step(id, "s", "complete"), "{'attempt': 1}").isProblem(409, "illegal-attempt");
            ledger.post(step(id, "s", "start"), "{'attempt': 4}").isProblem(409, "illegal-attempt");
            ledger.command(step(id, "s", "complete"), "{'attempt': 2}").changed(true);
        }
    }

    @Nested
    class Iterations {

        @Test
        void beginOnceTheLastOneEnded() {
            var id = ledger.start();
            ledger.command(step(id, "s", "start"), "{}");
            ledger.post(step(id, "s", "start"), "{'iteration': 2}").isProblem(409, "illegal-iteration");
            ledger.command(step(id, "s", "complete"), "{'output': 1}");
            ledger.post(step(id, "s", "start"), "{'iteration': 3}").isProblem(409, "illegal-iteration");
            var second =
                    ledger.command(step(id, "s", "start"), "{'iteration': 2}").changed(true);
            assertThat(second.number("step.iteration")).isEqualTo(2);
            ledger.command(step(id, "s", "complete"), "{'output': 2}").changed(true);
            ledger.command(step(id, "s", "complete"), "{'iteration': 1, 'output': 1}")
                    .changed(false);
            assertThat(ledger.get(of(id)).number("iterations")).isEqualTo(2);
            var found = ledger.get(step(id, "s"));
            assertThat(found.each("iteration")).containsExactly("2", "1");
            assertThat(found.each("output")).containsExactly("2", "1");
        }
    }
}
