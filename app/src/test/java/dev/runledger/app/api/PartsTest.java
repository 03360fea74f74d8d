package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.newId;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Artifacts and checkpoints. */
class PartsTest extends OverHttp {

    @Nested
    class RecordingAnArtifact {

        @Test
        void keepsEverythingThatIsSaidOfIt() {
            var id = ledger.start();
            ledger.command(step(id, "report", "start"), "{}");
            var sha = "0123456789ABCDEF".repeat(4);
            var body = """
                    {'artifactId': 'costs', 'stepId': 'report', 'iteration': 1, 'type': 'report', 'name': 'costs.pdf',
                     'uri': 's3://b/costs.pdf', 'sizeBytes': 9223372036854775807, 'contentType': 'application/pdf',
                     'sha256': '%s', 'metadata': {'pages': 3}}""".formatted(sha);
            var answer = ledger.command(of(id, "artifacts"), body).changed(true);
            assertThat(answer.version()).isEqualTo(3);
            assertThat(answer.json().has("step")).isFalse();
            var found = ledger.get(of(id, "artifacts")).items().getFirst();
            assertThat(found.path("artifactId").asString()).isEqualTo("costs");
            assertThat(found.path("stepId").asString()).isEqualTo("report");
            assertThat(found.path("iteration").asInt()).isEqualTo(1);
            assertThat(found.path("uri").asString()).isEqualTo("s3://b/costs.pdf");
            assertThat(found.path("sizeBytes").asLong()).isEqualTo(Long.MAX_VALUE);
            assertThat(found.path("contentType").asString()).isEqualTo("application/pdf");
            assertThat(found.path("sha256").asString()).isEqualToIgnoringCase(sha);
            assertThat(ledger.get(of(id)).number("artifactCount")).isEqualTo(1);
        }

        @Test
        void isUnchangedTheSecondTimeAlsoWithoutAnId() {
            var id = ledger.start();
            ledger.command(of(id, "artifacts"), "{'type': 'log', 'name': 'x.log', 'path': '/tmp/x'}")
                    .changed(true);
            ledger.command(of(id, "complete"), "{}");
            ledger.command(of(id, "artifacts"), "{'type': 'log', 'name': 'x.log', 'path': '/tmp/x'}")
                    .changed(false);
            ledger.command(of(id, "artifacts"), "{'type': 'log', 'name': 'x.log', 'path': '/tmp/y'}")
                    .changed(true);
            assertThat(ledger.get(of(id, "artifacts")).each("path")).containsExactly("/tmp/x", "/tmp/y");
        }

        @Test
        void isRefusedWithTheSameIdAndOtherContent() {
            var id = ledger.start();
            ledger.command(of(id, "artifacts"), "{'artifactId': 'a', 'type': 'log', 'name': 'x.log'}");
            ledger.post(of(id, "artifacts"), "{'artifactId': 'a', 'type': 'log', 'name': 'y.log'}")
                    .isProblem(409, "content-mismatch");
        }

        @Test
        void isNotFoundForAStepThatIsUnknown() {
            var id = ledger.start();
            var head = head();
            ledger.post(of(id, "artifacts"), "{'type': 'log', 'name': 'x.log', 'stepId': 'x'}")
                    .isProblem(404, "unknown-step");
            assertThat(head()).isEqualTo(head);
        }
    }

    @Nested
    class RecordingACheckpoint {

        @Test
        void isTheExecutionsCurrentState() {
            var id = ledger.start();
            ledger.command(of(id, "checkpoints"), "{'checkpointId': 'one', 'state': {'n': 1}}")
                    .changed(true);
            assertThat(ledger.get(of(id)).at("currentState")).isEqualTo(Answer.parse("{\"n\":1}"));
            ledger.command(of(id, "checkpoints"), "{'state': {'n': 2}}").changed(true);
            assertThat(ledger.get(of(id)).at("currentState")).isEqualTo(Answer.parse("{\"n\":2}"));
            var latest = ledger.get(of(id, "checkpoints/latest")).is(200);
            assertThat(latest.at("state")).isEqualTo(Answer.parse("{\"n\":2}"));
            assertThat(latest.number("version")).isEqualTo(3);
            assertThat(ledger.get(of(id, "checkpoints")).each("version")).containsExactly("2", "3");
            assertThat(ledger.get(of(id, "checkpoints")).each("checkpointId")).contains("one");
        }

        @Test
        void isAlwaysANewOneWithoutAnyId() {
            var id = ledger.start();
            ledger.command(of(id, "checkpoints"), "{'state': 1}").changed(true);
            ledger.command(of(id, "checkpoints"), "{'state': 1}").changed(true);
            ledger.command(of(id, "checkpoints"), "{'state': 2, 'commandId': 'c'}")
                    .changed(true);
            ledger.command(of(id, "checkpoints"), "{'state': 2, 'commandId': 'c'}")
                    .changed(false);
            assertThat(ledger.get(of(id, "checkpoints")).items()).hasSize(3);
        }

        @Test
        void isUnchangedTheSecondTimeWithItsId() {
            var id = ledger.start();
            ledger.command(of(id, "checkpoints"), "{'checkpointId': 'one', 'state': 1}")
                    .changed(true);
            ledger.command(of(id, "checkpoints"), "{'checkpointId': 'one', 'state': 1.0}")
                    .changed(false);
            ledger.post(of(id, "checkpoints"), "{'checkpointId': 'one', 'state': 2}")
                    .isProblem(409, "content-mismatch");
            ledger.command(of(id, "complete"), "{}");
            ledger.command(of(id, "checkpoints"), "{'checkpointId': 'one', 'state': 1}")
                    .changed(false);
        }

        @Test
        void isNotFoundForAStepThatIsUnknown() {
            var id = ledger.start();
            ledger.post(of(id, "checkpoints"), "{'state': 1, 'stepId': 'x'}").isProblem(404, "unknown-step");
        }

        @Test
        void isNotThereBeforeTheFirst() {
            ledger.get(of(ledger.start(), "checkpoints/latest")).isProblem(404, "not-found");
            ledger.get(of(newId(), "checkpoints/latest")).isProblem(404, "not-found");
        }
    }
}
