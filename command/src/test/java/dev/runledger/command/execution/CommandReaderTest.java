package dev.runledger.command.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.runledger.command.execution.ExecutionCommand.AmendExecution;
import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.CompleteStep;
import dev.runledger.command.execution.ExecutionCommand.FailStep;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommand.RecordArtifact;
import dev.runledger.command.execution.ExecutionCommand.RecordCheckpoint;
import dev.runledger.command.execution.ExecutionCommand.ScheduleExecution;
import dev.runledger.command.execution.ExecutionCommand.ScheduleSteps;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.command.http.BadInput;
import dev.runledger.command.http.BodyReader.Body;
import dev.runledger.command.http.CommandHeaders;
import dev.runledger.command.http.FieldError;
import dev.runledger.command.http.StrictJson;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandReaderTest {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.123456789Z");
    private static final UUID NEW = UUID.fromString("0198c0de-0000-7000-8000-000000000001");
    private static final UUID X = UUID.fromString("0198c0de-0000-7000-8000-00000000000a");
    private static final UUID Y = UUID.fromString("0198c0de-0000-7000-8000-00000000000b");

    private final CommandReader reader = new CommandReader(Clock.fixed(NOW, ZoneOffset.UTC), () -> NEW);

    private static Body body(String text) {
        var bytes = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return new Body(StrictJson.parse(bytes, 0, bytes.length), bytes.length);
    }

    private ReceivedCommand create(String body) {
        return reader.creation("default", body(body), CommandHeaders.NONE);
    }

    private ReceivedCommand on(CommandName name, String body) {
        return on(name, null, body, CommandHeaders.NONE);
    }

    private ReceivedCommand on(CommandName name, @Nullable String stepId, String body, CommandHeaders headers) {
        return reader.on(new Address.Path(X, stepId), "default", name, body(body), headers);
    }

    private ReceivedCommand line(String line) {
        return reader.line("default", body(line).json(), line.length());
    }

    private static List<FieldError> errors(ThrowingCallable reading) {
        return catchThrowableOfType(BadInput.class, reading).errors();
    }

    private static CommandHeaders headers(@Nullable String commandId, @Nullable Long expectedVersion) {
        return new CommandHeaders(commandId, expectedVersion, null);
    }

    @Nested
    class CreatingAnExecution {

        @Test
        void startsItUnlessToldOtherwise() {
            assertThat(create("{'workflow':'w'}").submission().command())
                    .isEqualTo(new StartExecution(
                            new ExecutionDetails(
                                    "w", null, null, null, null, null, null, null, null, null, null, null, null),
                            List.of()));
            assertThat(create("{'workflow':'w','start':true}").name()).isEqualTo(CommandName.START_EXECUTION);
            var scheduled = create("{'workflow':'w','start':false}");
            assertThat(scheduled.name()).isEqualTo(CommandName.SCHEDULE_EXECUTION);
            assertThat(scheduled.submission().command()).isInstanceOf(ScheduleExecution.class);
        }

        @Test
        void takesAnIdOrMakesOne() {
            assertThat(create("{'workflow':'w','executionId':'" + X + "'}")
                            .execution()
                            .id())
                    .isEqualTo(X);
            assertThat(create("{'workflow':'w'}").execution().id()).isEqualTo(NEW);
            var keyed = ContentIds.execution("default", "k");
            assertThat(create("{'workflow':'w','commandId':'k'}").execution().id())
                    .isEqualTo(keyed);
            assertThat(reader.creation("default", body("{'workflow':'w'}"), headers("k", null))
                            .execution()
                            .id())
                    .isEqualTo(keyed);
        }

        @Test
        void readsItsSteps() {
            var command = (StartExecution)
                    create("{'workflow':'w','steps':[{'stepId':'a'},{'stepId':'b','dependsOn':['a'],'order':-1}]}")
                            .submission()
                            .command();
            assertThat(command.steps())
                    .extracting(ExecutionCommand.ScheduleStep::stepId)
                    .containsExactly("a", "b");
            assertThat(command.steps().get(1).details().dependsOn()).containsExactly("a");
            assertThat(command.steps().get(1).details().order()).isEqualTo(-1);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "{}                                              | /workflow               | is required",
                    "{'workflow':null}                               | /workflow               | is required",
                    "{'workflow':''}                                 | /workflow               | must not be empty",
                    "{'workflow':'w','worklfow':1}                   | /worklfow               | is unknown here",
                    "{'workflow':'w','executionId':'7'}              | /executionId            | must be a UUID",
                    "{'workflow':'w','expectedVersion':1}            | /expectedVersion        | is unknown here",
                    "{'workflow':'w','command':'StartExecution'}     | /command                | is unknown here",
                    "{'workflow':'w','workflowVersion':0}            | /workflowVersion        | must be between 1 and 2147483647",
                    "{'workflow':'w','metadata':[]}                  | /metadata               | must be a JSON object",
                    "{'workflow':'w','tags':{'a':1}}                 | /tags/a                 | must be a string",
                    "{'workflow':'w','timeoutMs':0}                  | /timeoutMs              | must be between 1 and 315619200000",
                    "{'workflow':'w','timeoutMs':1,'deadlineAt':'2026-01-31T12:00:00Z'} | /timeoutMs | cannot be given together with deadlineAt",
                    "{'workflow':'w','steps':[{}]}                   | /steps/0/stepId         | is required",
                    "{'workflow':'w','steps':[{'stepId':'a','x':1}]} | /steps/0/x              | is unknown here",
                    "{'workflow':'w','steps':[{'stepId':'a','dependsOn':['']}]} | /steps/0/dependsOn/0 | must not be empty",
                    "{'workflow':'w','occurredAt':'2026-01-31T12:05:01Z'} | /occurredAt        | lies more than 5 minutes in the future"
                })
        void refuses(String body, String pointer, String message) {
            assertThat(errors(() -> create(body))).containsExactly(new FieldError(pointer, message));
        }

        @Test
        void takesNoCondition() {
            assertThat(errors(() -> reader.creation("default", body("{'workflow':'w'}"), headers(null, 1L))))
                    .extracting(FieldError::pointer)
                    .containsExactly("/expectedVersion");
        }
    }

    @Nested
    class ACommandOnAnExecution {

        @Test
        void mayHaveNoFields() {
            assertThat(on(CommandName.START_EXECUTION, "{}").submission().command())
                    .isEqualTo(new StartExecution(ExecutionDetails.NONE, List.of()));
            assertThat(on(CommandName.COMPLETE_EXECUTION, "{}").submission().command())
                    .isEqualTo(new CompleteExecution(null, OpenSteps.REFUSE));
        }

        @Test
        void happensNowUnlessItSaysWhen() {
            assertThat(on(CommandName.CANCEL_EXECUTION, "{}").submission().occurredAt())
                    .isEqualTo("2026-01-31T12:00:00.123456Z");
            assertThat(on(CommandName.CANCEL_EXECUTION, "{'occurredAt':'2026-01-31T13:04:59.9999999+01:00'}")
                            .submission()
                            .occurredAt())
                    .isEqualTo("2026-01-31T12:04:59.999999Z");
        }

        @Test
        void takesKeyAndConditionFromBodyOrHeaders() {
            var inBody = on(CommandName.CANCEL_EXECUTION, "{'commandId':'k','expectedVersion':7}")
                    .submission();
            var inHeaders = on(CommandName.CANCEL_EXECUTION, null, "{}", headers("k", 7L))
                    .submission();
            var inBoth = on(
                            CommandName.CANCEL_EXECUTION,
                            null,
                            "{'commandId':'k','expectedVersion':7}",
                            headers("k", 7L))
                    .submission();
            assertThat(List.of(inBody, inHeaders, inBoth)).allSatisfy(submission -> {
                assertThat(submission.commandId()).isEqualTo("k");
                assertThat(submission.expectedVersion()).isEqualTo(7);
            });
        }

        @Test
        void saysHowLongItsTextIs() {
            assertThat(on(CommandName.CANCEL_EXECUTION, "{'reason':'x'}")
                            .submission()
                            .bytes())
                    .isEqualTo(14);
            assertThat(line("{'command':'CancelExecution','executionId':'0198c0de-0000-7000-8000-00000000000a'}")
                            .submission()
                            .bytes())
                    .isEqualTo(82);
        }

        @Test
        void refusesBodiesThatContradictHeadersOrPath() {
            assertThat(errors(() -> on(
                            CommandName.COMPLETE_STEP,
                            "a",
                            "{'commandId':'k','expectedVersion':7,'executionId':'" + Y + "','stepId':'b'}",
                            headers("other", 8L))))
                    .extracting(FieldError::pointer)
                    .containsExactlyInAnyOrder("/commandId", "/expectedVersion", "/executionId", "/stepId");
            assertThat(errors(() -> on(CommandName.START_EXECUTION, "{'start':false}")))
                    .containsExactly(new FieldError("/start", "contradicts the command"));
        }

        @Test
        void mayRepeatThePath() {
            var body = "{'executionId':'" + X + "','stepId':'a/1','output':{'n':1.0}}";
            var command = (CompleteStep) on(CommandName.COMPLETE_STEP, "a/1", body, CommandHeaders.NONE)
                    .submission()
                    .command();
            assertThat(command.stepId()).isEqualTo("a/1");
            assertThat(command.output()).hasToString("{\"n\":1.0}");
        }

        @Test
        void readsAnErrorWithItsType() {
            var command = (FailStep) on(CommandName.FAIL_STEP, "a", "{'error':{'message':'m'}}", CommandHeaders.NONE)
                    .submission()
                    .command();
            assertThat(command.error()).isEqualTo(new Failure("m", "Error", null, null));
        }

        @Test
        void readsWhatAnAmendmentRemoves() {
            var command = (AmendExecution) on(CommandName.AMEND_EXECUTION, "{'tags':{'a':null},'metadata':{'b':null}}")
                    .submission()
                    .command();
            assertThat(command.tags()).containsEntry("a", null);
            assertThat(command.metadata()).hasToString("{\"b\":null}");
        }

        @Test
        void givesACheckpointAnId() {
            assertThat(((RecordCheckpoint) on(CommandName.RECORD_CHECKPOINT, "{'state':1}")
                                    .submission()
                                    .command())
                            .checkpointId())
                    .isEqualTo(NEW.toString());
            var keyed = on(CommandName.RECORD_CHECKPOINT, "{'state':1,'commandId':'k'}");
            assertThat(((RecordCheckpoint) keyed.submission().command()).checkpointId())
                    .isEqualTo(ContentIds.checkpoint(keyed.execution(), "k").toString());
        }

        @Test
        void readsAnArtifact() {
            var command = (RecordArtifact) on(
                            CommandName.RECORD_ARTIFACT,
                            "{'type':'t','name':'n','path':'/p','sizeBytes':0,'sha256':'" + "A".repeat(64) + "'}")
                    .submission()
                    .command();
            assertThat(command.sha256()).isEqualTo("a".repeat(64));
            assertThat(command.sizeBytes()).isZero();
            assertThat(command.artifactId()).isNull();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "FAIL_EXECUTION     | {}                                    | /error         | is required",
                    "FAIL_EXECUTION     | {'error':{}}                          | /error/message | is required",
                    "FAIL_EXECUTION     | {'error':'boom'}                      | /error         | must be a JSON object",
                    "FAIL_EXECUTION     | {'error':{'message':'m','x':1}}       | /error/x       | is unknown here",
                    "COMPLETE_EXECUTION | {'openSteps':'skip'}                  | /openSteps     | must be one of cancel, refuse",
                    "RETRY_EXECUTION    | {'attempt':0}                         | /attempt       | must be between 1 and 2147483647",
                    "RETRY_EXECUTION    | {'fromSteps':'a'}                     | /fromSteps     | must be a JSON array",
                    "RECORD_ARTIFACT    | {'type':'t','name':'n','uri':'u','path':'p'} | /path   | cannot be given together with uri",
                    "RECORD_ARTIFACT    | {'type':'t','name':'n','sha256':'zz'} | /sha256        | must have 64 hexadecimal digits",
                    "RECORD_ARTIFACT    | {'type':'t','name':'n','sizeBytes':-1} | /sizeBytes    | must be between 0 and 9223372036854775807",
                    "RECORD_ARTIFACT    | {'type':'t','name':'n','iteration':1} | /iteration     | needs a stepId",
                    "RECORD_CHECKPOINT  | {'state':null}                        | /state         | is required",
                    "SCHEDULE_STEP      | {}                                    | /stepId        | is required",
                    "SCHEDULE_STEP      | []                                    | ``             | must have at least one item",
                    "CANCEL_EXECUTION   | 7                                     | ``             | must be a JSON object"
                })
        void refuses(CommandName name, String body, String pointer, String message) {
            assertThat(errors(() -> on(name, body))).containsExactly(new FieldError(pointer, message));
        }
    }

    @Nested
    class AnArrayOfSteps {

        @Test
        void isOneCommand() {
            var received = on(
                    CommandName.SCHEDULE_STEP,
                    null,
                    "[{'stepId':'a','occurredAt':'2026-01-01T00:00:00Z'},{'stepId':'b'}]",
                    headers("k", 3L));
            var submission = received.submission();
            assertThat(((ScheduleSteps) submission.command()).steps())
                    .extracting(ExecutionCommand.ScheduleStep::stepId)
                    .containsExactly("a", "b");
            assertThat(submission.commandId()).isEqualTo("k");
            assertThat(submission.expectedVersion()).isEqualTo(3);
            assertThat(submission.occurredAt()).isEqualTo("2026-01-01T00:00:00Z");
            assertThat(received.execution().id()).isEqualTo(X);
        }

        @Test
        void hasOneTimeOneKeyAndOneCondition() {
            assertThat(errors(() -> on(
                            CommandName.SCHEDULE_STEP,
                            "[{'stepId':'a','occurredAt':'2026-01-01T00:00:00Z','commandId':'k'},"
                                    + "{'stepId':'b','occurredAt':'2026-01-02T00:00:00Z','expectedVersion':1},7]")))
                    .extracting(FieldError::pointer)
                    .containsExactlyInAnyOrder("/0/commandId", "/1/occurredAt", "/1/expectedVersion", "/2");
        }
    }

    @Nested
    class ALineOfABatch {

        @Test
        void saysEverythingItself() {
            var received = line("{'command':'CompleteStep','executionId':'" + X
                    + "','stepId':'a','commandId':'k','expectedVersion':2,'output':1}");
            assertThat(received.name()).isEqualTo(CommandName.COMPLETE_STEP);
            assertThat(received.execution().id()).isEqualTo(X);
            assertThat(received.submission().expectedVersion()).isEqualTo(2);
        }

        @Test
        void mayStartWhatWasScheduledWithoutNamingItsWorkflow() {
            assertThat(line("{'command':'StartExecution','executionId':'" + X + "','expectedVersion':1}")
                            .submission()
                            .expectedVersion())
                    .isEqualTo(1);
        }

        @Test
        void mayScheduleOneStep() {
            assertThat(line("{'command':'ScheduleStep','executionId':'" + X + "','stepId':'a'}")
                            .submission()
                            .command())
                    .isInstanceOf(ScheduleSteps.class);
        }

        @Test
        void schedulesWithEitherName() {
            assertThat(line("{'command':'ScheduleExecution','workflow':'w'}")
                            .submission()
                            .command())
                    .isInstanceOf(ScheduleExecution.class);
            assertThat(line("{'command':'StartExecution','workflow':'w','start':false}")
                            .name())
                    .isEqualTo(CommandName.SCHEDULE_EXECUTION);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "{}                                                 | /command     | is required",
                    "{'command':7}                                      | /command     | must be a string",
                    "{'command':'CompleteStep','stepId':'a'}            | /executionId | is required",
                    "{'command':'CompleteExecution','executionId':'7'}  | /executionId | must be a UUID",
                    "{'command':'StartExecution'}                       | /workflow    | is required",
                    "{'command':'ScheduleExecution','workflow':'w','start':true} | /start | contradicts the command",
                    "[]                                                 | ``           | must be a JSON object"
                })
        void isRefused(String line, String pointer, String message) {
            assertThat(errors(() -> line(line))).contains(new FieldError(pointer, message));
        }

        @Test
        void isToldTheNamesOfTheCommands() {
            assertThat(errors(() -> line("{'command':'Nope'}")).getFirst().message())
                    .startsWith("must be one of ScheduleExecution, StartExecution, ")
                    .endsWith(", RecordCheckpoint");
        }
    }
}
