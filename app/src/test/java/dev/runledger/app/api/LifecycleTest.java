package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on an execution as a whole. */
class LifecycleTest extends OverHttp {

    @Nested
    class CreatingAnExecution {

        @Test
        void tellsWhereItIsAndWhichVersionItHas() {
            var id = newId();
            var answer = ledger.post(EXECUTIONS, "{'executionId': '" + id + "', 'workflow': 'w'}")
                    .is(201);
            assertThat(Answer.names(answer.json()))
                    .containsExactly("executionId", "version", "position", "status", "unchanged");
            assertThat(answer.id()).isEqualTo(id);
            assertThat(answer.version()).isEqualTo(1);
            assertThat(answer.position()).isEqualTo(head());
            assertThat(answer.text("status")).isEqualTo("RUNNING");
            assertThat(answer.at("unchanged").booleanValue()).isFalse();
            assertThat(answer.header("Location")).isEqualTo("/api/v1/executions/" + id);
            assertThat(answer.header("ETag")).isEqualTo("\"1\"");
            assertThat(ledger.get(answer.header("Location")).is(200).id()).isEqualTo(id);
        }

        @Test
        void makesATimeOrderedIdWhereNoneIsGiven() {
            assertThat(ledger.start()).matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        }

        @Test
        void waitsWhenItIsNotToStart() {
            var answer =
                    ledger.post(EXECUTIONS, "{'workflow': 'w', 'start': false}").is(201);
            assertThat(answer.text("status")).isEqualTo("PENDING");
            var found = ledger.get(of(answer.id()));
            assertThat(found.text("status")).isEqualTo("PENDING");
            assertThat(found.at("startedAt").isNull()).isTrue();
        }

        @Test
        void bringsItsStepsAlong() {
            var answer = ledger.post(EXECUTIONS, "{'workflow': 'w', 'steps': [{'stepId': 'a'}, {'stepId': 'b'}]}")
                    .is(201);
            assertThat(answer.version()).isEqualTo(3);
            assertThat(ledger.get(of(answer.id(), "steps")).each("stepId")).containsExactly("a", "b");
        }

        @Test
        void isUnchangedTheSecondTime() {
            var body = "{'executionId': '" + newId() + "', 'workflow': 'w', 'input': {'b': 2.50, 'a': 1}}";
            var first = ledger.post(EXECUTIONS, body).is(201);
            var head = head();
            var again = ledger.post(EXECUTIONS, body.replace("{'b': 2.50, 'a': 1}", "{'a': 1.0, 'b': 2.5}"))
                    .is(200)
                    .changed(false);
            assertThat(again.version()).isEqualTo(first.version());
            assertThat(again.position()).isEqualTo(first.position());
            assertThat(again.header("ETag")).isEqualTo("\"1\"");
            assertThat(again.header("Location")).isEmpty();
            assertThat(head()).isEqualTo(head);
        }

        @Test
        void isRefusedWithTheSameIdAndOtherContent() {
            var body = "{'executionId': '" + newId() + "', 'workflow': 'w', 'input': 1}";
            ledger.post(EXECUTIONS, body).is(201);
            var refused = ledger.post(EXECUTIONS, body.replace("1}", "2}")).isProblem(409, "content-mismatch");
            assertThat(refused.text("currentStatus")).isEqualTo("RUNNING");
            assertThat(refused.number("currentVersion")).isEqualTo(1);
        }

        @Test
        void findsTheFirstOneByItsKey() {
            var key = "key-" + newId();
            var first = ledger.with("Idempotency-Key", key)
                    .post(EXECUTIONS, "{'workflow': 'w'}")
                    .is(201);
            var byHeader = ledger.with("Idempotency-Key", key)
                    .post(EXECUTIONS, "{'workflow': 'w'}")
                    .is(200);
            var byField = ledger.post(EXECUTIONS, "{'workflow': 'w', 'commandId': '" + key + "'}")
                    .is(200);
            assertThat(byHeader.changed(false).id()).isEqualTo(first.id());
            assertThat(byField.changed(false).id()).isEqualTo(first.id());
            assertThat(first.id()).matches(".{14}5.*");
        }

        @Test
        void takesTheExecutorsClock() {
            var id = ledger.create("{'workflow': 'w', 'occurredAt': '2019-12-31T23:30:00.1234567-01:00'}");
            var found = ledger.get(of(id));
            assertThat(found.text("createdAt")).isEqualTo("2020-01-01T00:30:00.123456Z");
            assertThat(found.text("startedAt")).isEqualTo("2020-01-01T00:30:00.123456Z");
        }
    }

    @Nested
    class StartingAnExecution {

        @Test
        void createsItUnderTheIdOfThePath() {
            var id = newId();
            ledger.post(of(id, "start"), "{'workflow': 'w'}").is(201);
            assertThat(ledger.get(of(id)).text("status")).isEqualTo("RUNNING");
        }

        @Test
        void needsNoBodyWhereItWaits() {
            var id = ledger.create("{'workflow': 'w', 'start': false}");
            var answer = ledger.post(of(id, "start"), "", new byte[0]).is(200).changed(true);
            assertThat(answer.text("status")).isEqualTo("RUNNING");
            assertThat(answer.version()).isEqualTo(2);
            ledger.post(of(id, "start"), "", new byte[0]).is(200).changed(false);
        }

        @Test
        void isRefusedWithOtherContentThanWasScheduled() {
            var id = ledger.create("{'workflow': 'w', 'start': false, 'input': 1}");
            ledger.post(of(id, "start"), "{'input': 2}").isProblem(409, "content-mismatch");
            ledger.post(of(id, "start"), "{'input': 1}").is(200).changed(true);
        }
    }

    @Nested
    class TheTable {

        private static final String[] STATES = {
            "none", "PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"
        };

        private static final Map<String, String> BODIES = Map.of(
                "complete", "{'output': {'a': 1}}",
                "fail", "{'error': {'message': 'm'}}",
                "amend", "{'tags': {'k': 'v'}}",
                "artifacts", "{'type': 'log', 'name': 'x.log'}",
                "checkpoints", "{'state': 1}",
                "steps", "{'stepId': 's'}");

        /** What becomes of the command in each state: a status, or "same" for unchanged. */
        @ParameterizedTest
        @CsvSource({
            "complete, 404, 409, COMPLETED, same, 409, 409, 409",
            "fail, 404, FAILED, FAILED, 409, same, 409, 409",
            "timeout, 404, TIMED_OUT, TIMED_OUT, 409, 409, same, 409",
            "cancel, 404, CANCELLED, CANCELLED, 409, 409, 409, same",
            "retry, 404, 409, 409, 409, RUNNING, RUNNING, RUNNING",
            "amend, 404, PENDING, RUNNING, COMPLETED, FAILED, TIMED_OUT, CANCELLED",
            "artifacts, 404, PENDING, RUNNING, COMPLETED, FAILED, TIMED_OUT, CANCELLED",
            "checkpoints, 404, 409, RUNNING, 409, 409, 409, 409",
            "steps, 404, PENDING, RUNNING, 409, 409, 409, 409",
            "steps/s/start, 404, 409, RUNNING, 409, 409, 409, 409",
            "steps/s/skip, 404, 409, RUNNING, 409, 409, 409, 409",
            "steps/s/complete, 404, 409, 409, 409, 409, 409, 409",
            "start, 404, RUNNING, same, same, same, same, same"
        })
        void holds(
                String command,
                String none,
                String pending,
                String running,
                String completed,
                String failed,
                String timedOut,
                String cancelled) {
            var expected = new String[] {none, pending, running, completed, failed, timedOut, cancelled};
            for (var i = 0; i < STATES.length; i++) {
                var id = executionThatIs(STATES[i]);
                var version = i == 0 ? 0 : ledger.events(id).size();
                var head = head();
                var answer = ledger.post(of(id, command), BODIES.getOrDefault(command, "{}"));
                var cell = command + " of one that is " + STATES[i] + " answers " + answer.text();
                switch (expected[i]) {
                    case "404", "409" -> {
                        assertThat(answer.status()).as(cell).isEqualTo(Integer.parseInt(expected[i]));
                        assertThat(answer.header("Content-Type")).as(cell).isEqualTo("application/problem+json");
                        assertThat(head()).as(cell).isEqualTo(head);
                        if (answer.status() == 409) {
                            assertThat(answer.text("currentStatus")).as(cell).isEqualTo(STATES[i]);
                            assertThat(answer.number("currentVersion")).as(cell).isEqualTo(version);
                        }
                    }
                    case "same" -> {
                        assertThat(answer.status()).as(cell).isEqualTo(200);
                        assertThat(answer.at("unchanged").booleanValue())
                                .as(cell)
                                .isTrue();
                        assertThat(answer.version()).as(cell).isEqualTo(version);
                        assertThat(head()).as(cell).isEqualTo(head);
                    }
                    default -> {
                        assertThat(answer.status()).as(cell).isEqualTo(200);
                        assertThat(answer.at("unchanged").booleanValue())
                                .as(cell)
                                .isFalse();
                        assertThat(answer.text("status")).as(cell).isEqualTo(expected[i]);
                        assertThat(answer.version()).as(cell).isEqualTo(version + 1);
                        assertThat(answer.position()).as(cell).isEqualTo(head()).isEqualTo(head + 1);
                        assertThat(ledger.get(of(id)).text("status")).as(cell).isEqualTo(expected[i]);
                    }
                }
            }
        }

        private String executionThatIs(String state) {
            if (state.equals("none")) {
                return newId();
            }
            if (state.equals("PENDING")) {
                return ledger.create("{'workflow': 'w', 'start': false}");
            }
            var id = ledger.start();
            switch (state) {
                case "COMPLETED" -> ledger.command(of(id, "complete"), BODIES.get("complete"));
                case "FAILED" -> ledger.command(of(id, "fail"), BODIES.get("fail"));
                case "TIMED_OUT" -> ledger.command(of(id, "timeout"), "{}");
                case "CANCELLED" -> ledger.command(of(id, "cancel"), "{}");
                default -> assertThat(state).isEqualTo("RUNNING");
            }
            return id;
        }
    }

    @Nested
    class CompletingAnExecution {

        @Test
        void skipsTheStepsThatNeverBegan() {
            var id = ledger.create("{'workflow': 'w', 'steps': [{'stepId': 'a'}, {'stepId': 'b'}]}");
            var answer = ledger.command(of(id, "complete"), "{'output': {'ok': true}}");
            assertThat(answer.version()).isEqualTo(6);
            assertThat(ledger.get(of(id, "steps")).each("status")).containsExactly("SKIPPED", "SKIPPED");
            assertThat(ledger.events(id).getLast().path("type").asString()).isEqualTo("ExecutionCompleted");
        }

        @Test
        void isRefusedWhileAStepRuns() {
            var id = ledger.start();
            ledger.command(step(id, "a", "start"), "{}");
            var refused = ledger.post(of(id, "complete"), "{}").isProblem(409, "illegal-transition");
            assertThat(refused.text("currentStatus")).isEqualTo("RUNNING");
            assertThat(refused.number("currentVersion")).isEqualTo(2);
        }

        @Test
        void cancelsOpenStepsWhenAsked() {
            var id = ledger.start();
            ledger.command(step(id, "a", "start"), "{}");
            ledger.command(of(id, "complete"), "{'openSteps': 'cancel'}");
            assertThat(ledger.get(of(id, "steps")).each("status")).containsExactly("CANCELLED");
        }

        @Test
        void isRefusedTheSecondTimeWithAnotherOutput() {
            var id = ledger.start();
            ledger.command(of(id, "complete"), "{'output': 1}");
            ledger.post(of(id, "complete"), "{'output': 2}").isProblem(409, "content-mismatch");
            ledger.post(of(id, "complete"), "{}").isProblem(409, "content-mismatch");
        }

        @Test
        void takesAsLongAsTheExecutorsClockSays() {
            var id = ledger.create("{'workflow': 'w', 'occurredAt': '2026-01-01T00:00:00Z'}");
            ledger.command(of(id, "complete"), "{'occurredAt': '2026-01-01T00:00:01.5Z'}");
            var found = ledger.get(of(id));
            assertThat(found.number("durationMs")).isEqualTo(1_500);
            assertThat(found.at("clockSkew").booleanValue()).isFalse();
        }

        @Test
        void showsAClockThatRanBackwards() {
            var id = ledger.create("{'workflow': 'w', 'occurredAt': '2026-01-01T00:00:01Z'}");
            ledger.command(of(id, "complete"), "{'occurredAt': '2026-01-01T00:00:00Z'}");
            var found = ledger.get(of(id));
            assertThat(found.number("durationMs")).isZero();
            assertThat(found.at("clockSkew").booleanValue()).isTrue();
        }
    }

    @Nested
    class FailingAnExecution {

        @Test
        void recordsTheErrorAndCancelsWhatIsOpen() {
            var id = ledger.create("{'workflow': 'w', 'steps': [{'stepId': 'a'}, {'stepId': 'b'}]}");
            ledger.command(step(id, "a", "start"), "{}");
            ledger.command(
                    of(id, "fail"),
                    "{'error': {'message': 'disk', 'type': 'IO', 'stackTrace': 'at x', 'details': {'n': 1}}}");
            var found = ledger.get(of(id) + "?include=steps");
            assertThat(found.at("error"))
                    .isEqualTo(Answer.parse(Ledger.json(
                            "{'message': 'disk', 'type': 'IO', 'stackTrace': 'at x', 'details': {'n': 1}}")));
            assertThat(found.at("steps").valueStream().map(s -> s.path("status").asString()))
                    .containsExactly("CANCELLED", "CANCELLED");
        }

        @Test
        void callsAnErrorAnErrorWhereItHasNoType() {
            var id = ledger.start();
            ledger.command(of(id, "fail"), "{'error': {'message': 'm'}}");
            assertThat(ledger.get(of(id)).text("error.type")).isEqualTo("Error");
        }
    }

    @Nested
    class TimingOutAnExecution {

        @Test
        void timesOutTheStepsThatRun() {
            var id = ledger.create("{'workflow': 'w', 'steps': [{'stepId': 'a'}, {'stepId': 'b'}]}");
            ledger.command(step(id, "a", "start"), "{}");
            ledger.command(of(id, "timeout"), "{'reason': 'too slow'}");
            assertThat(ledger.get(of(id, "steps")).each("status")).containsExactly("TIMED_OUT", "CANCELLED");
        }
    }

    @Nested
    class RetryingAnExecution {

        @Test
        void reopensWhatFailedAndKeepsWhatCompleted() {
            var id = ledger.start();
            ledger.command(step(id, "good", "start"), "{}");
            ledger.command(step(id, "good", "complete"), "{'output': 1}");
            ledger.command(step(id, "bad", "start"), "{}");
            ledger.command(of(id, "fail"), "{'error': {'message': 'm'}}");
            var answer = ledger.command(of(id, "retry"), "{'reason': 'again'}").changed(true);
            assertThat(answer.text("status")).isEqualTo("RUNNING");
            var found = ledger.get(of(id) + "?include=steps");
            assertThat(found.number("attempt")).isEqualTo(2);
            assertThat(found.at("error").isNull()).isTrue();
            assertThat(found.at("endedAt").isNull()).isTrue();
            assertThat(found.at("steps").valueStream().map(s -> s.path("status").asString()))
                    .containsExactly("COMPLETED", "PENDING");
            var started = ledger.command(step(id, "bad", "start"), "{}").changed(true);
            assertThat(started.number("step.attempt")).isEqualTo(2);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 3})
        void isRefusedForAnAttemptThatIsNotDue(int attempt) {
            var id = ledger.start();
            ledger.command(of(id, "cancel"), "{}");
            ledger.post(of(id, "retry"), "{'attempt': " + attempt + "}").isProblem(409, "illegal-attempt");
            ledger.command(of(id, "retry"), "{'attempt': 2}").changed(true);
            ledger.command(of(id, "retry"), "{'attempt': 2}").changed(false);
        }

        @Test
        void isNotFoundFromAStepThatIsUnknown() {
            var id = ledger.start();
            ledger.command(of(id, "cancel"), "{}");
            ledger.post(of(id, "retry"), "{'fromSteps': ['x']}").isProblem(404, "unknown-step");
        }
    }

    @Nested
    class AmendingAnExecution {

        @Test
        void mergesTagsAndMetadata() {
            var id = ledger.create(
                    "{'workflow': 'w', 'tags': {'a': '1', 'b': '2'}, 'metadata': {'x': {'y': 1, 'z': 2}}}");
            ledger.command(
                    of(id, "amend"), "{'tags': {'b': null, 'c': '3'}, 'metadata': {'x': {'y': null}, 'w': [1]}}");
            var found = ledger.get(of(id));
            assertThat(found.at("tags")).isEqualTo(Answer.parse("{\"a\":\"1\",\"c\":\"3\"}"));
            assertThat(found.at("metadata")).isEqualTo(Answer.parse("{\"x\":{\"z\":2},\"w\":[1]}"));
        }

        @Test
        void isUnchangedForAKnownCommandIdWhateverElseIsSaid() {
            var id = ledger.start();
            ledger.command(of(id, "amend"), "{'tags': {'a': '1'}, 'commandId': 'c1'}")
                    .changed(true);
            ledger.command(of(id, "amend"), "{'tags': {'a': '2'}, 'commandId': 'c1'}")
                    .changed(false);
            assertThat(ledger.get(of(id)).text("tags.a")).isEqualTo("1");
        }

        @Test
        void isARepeatOfTheLastOneOnly() {
            var id = ledger.start();
            ledger.command(of(id, "amend"), "{'tags': {'a': '1'}}").changed(true);
            ledger.command(of(id, "amend"), "{'tags': {'a': '1'}}").changed(false);
            ledger.command(of(id, "amend"), "{'tags': {'a': '2'}}").changed(true);
            ledger.command(of(id, "amend"), "{'tags': {'a': '1'}}").changed(true);
        }
    }

    @Nested
    class ACondition {

        @ParameterizedTest
        @ValueSource(strings = {"complete", "fail", "cancel", "timeout", "amend", "artifacts", "checkpoints", "steps"})
        void refusesAnotherVersion(String command) {
            var id = ledger.start();
            var head = head();
            var body = TheTable.BODIES.getOrDefault(command, "{}");
            for (var refused : new Answer[] {
                ledger.with("If-Match", "\"2\"").post(of(id, command), body),
                ledger.post(
                        of(id, command),
                        body.replaceFirst("\\{", "{'expectedVersion': 2,").replace(",}", "}"))
            }) {
                refused.isProblem(412, "version-mismatch");
                assertThat(refused.text("currentStatus")).isEqualTo("RUNNING");
                assertThat(refused.number("currentVersion")).isEqualTo(1);
            }
            assertThat(head()).isEqualTo(head);
            ledger.with("If-Match", "\"1\"").command(of(id, command), body).changed(true);
        }

        @Test
        void isLookedAtAfterRepeats() {
            var id = ledger.start();
            ledger.command(of(id, "complete"), "{}");
            ledger.with("If-Match", "\"1\"").command(of(id, "complete"), "{}").changed(false);
        }
    }
}
