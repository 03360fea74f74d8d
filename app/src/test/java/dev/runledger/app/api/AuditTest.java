package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.runledger.app.web.RawHttp;
import dev.runledger.eventstore.testing.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What the log says of itself. */
@Timeout(120)
class AuditTest {

    private static final String HEAD = "/api/v1/audit/head";
    private static final String VERIFY = "/api/v1/audit/verify";
    private static final String EXPORT = "/api/v1/audit/export";
    private static final String NDJSON = "application/x-ndjson";

    private static final TestDatabase DATABASE = TestDatabase.fresh();
    private static final Auditor AUDITOR = new Auditor(DATABASE);
    private static final RunningHere APPLICATION = RunningHere.on(DATABASE);
    private static final Ledger OURS = APPLICATION.ledger().in("ours");
    private static final Ledger THEIRS = APPLICATION.ledger().in("theirs");
    private static String ours = "";
    private static String erased = "";

    /** Positions 1 and 2, 3 and 4, 5 and 6 of another namespace, 7 erases 3 and 4. */
    @BeforeAll
    static void write() {
        ours = OURS.create("{'workflow': 'größe'}");
        OURS.command(of(ours, "complete"), "{'output': {'line': 'a\\nb'}}");
        erased = OURS.create("{'workflow': 'secret-of-ours'}");
        OURS.command(of(erased, "complete"), "{}");
        var theirs = THEIRS.create("{'workflow': 'secret-of-theirs'}");
        THEIRS.command(of(theirs, "complete"), "{}");
        assertThat(AUDITOR.erase("ours", erased)).isEqualTo(2);
    }

    @AfterAll
    static void stop() {
        APPLICATION.close();
        DATABASE.close();
    }

    private static List<JsonNode> verify(String query) {
        var answer = OURS.get(VERIFY + query, NDJSON).is(200);
        assertThat(answer.header("Content-Type")).isEqualTo(NDJSON);
        assertThat(answer.header("Runledger-Position")).isEqualTo(String.valueOf(head()));
        return answer.lines();
    }

    private static long head() {
        return OURS.get(HEAD).is(200).position();
    }

    private static String receipt() {
        var head = OURS.get(HEAD).is(200);
        return head.position() + ":" + head.text("hash");
    }

    @Nested
    class TheHead {

        @Test
        void isTheReceiptToKeep() {
            var head = OURS.get(HEAD).is(200);

            assertThat(Answer.names(head.json())).containsExactly("logId", "position", "recordedAt", "hash");
            assertThat(head.position()).isEqualTo(7);
            assertThat(head.text("hash")).matches("[0-9a-f]{64}");
            assertThat(head.text("recordedAt")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
            assertThat(head.header("Runledger-Position")).isEqualTo("7");
            var last = OURS.get("/api/v1/events?after=6").items().getFirst();
            assertThat(last.path("hash").asString()).isEqualTo(head.text("hash"));
        }
    }

    @Nested
    class ACheck {

        @Test
        void endsWithWhatItFound() {
            var lines = verify("");

            assertThat(Answer.names(lines.getFirst())).containsExactly("position", "to", "events", "seconds");
            assertThat(lines.getFirst().path("to").asLong()).isEqualTo(7);
            var last = lines.getLast();
            assertThat(Answer.names(last)).containsExactly("ok", "events", "erased", "seconds", "receipt");
            assertThat(last.path("ok").booleanValue()).isTrue();
            assertThat(last.path("events").asLong()).isEqualTo(7);
            assertThat(last.path("erased").asLong()).isEqualTo(2);
            assertThat(last.path("receipt").asString()).isEqualTo(receipt());
        }

        @Test
        void takesARangeAndAReceipt() {
            assertThat(verify("?from=2&to=4").getLast().path("events").asLong()).isEqualTo(3);
            assertThat(verify("?receipt=" + receipt()).getLast().path("ok").booleanValue())
                    .isTrue();
            assertThat(verify("?from=8").getLast().path("events").asLong()).isZero();
        }

        @Test
        void findsThatTheLogIsNotTheOneOfTheReceipt() {
            var foreign = verify("?receipt=3:" + "0".repeat(64)).getLast();
            assertThat(foreign.path("ok").booleanValue()).isFalse();
            assertThat(foreign.path("position").asLong()).isEqualTo(3);
            assertThat(foreign.path("reason").asString()).isEqualTo("RECEIPT_MISMATCH");

            var cut = verify("?to=2&receipt=900:" + "0".repeat(64)).getLast();
            assertThat(cut.path("position").asLong()).isEqualTo(8);
            assertThat(cut.path("reason").asString()).isEqualTo("TRUNCATED");
        }

        @Test
        void findsThatTheLogEndsBeforeTheRange() {
            assertThat(verify("?to=9").getLast().path("reason").asString()).isEqualTo("TRUNCATED");
        }

        @ParameterizedTest
        @CsvSource({
            "from=0, from",
            "from=-1, from",
            "from=x, from",
            "from=, from",
            "from=1&from=2, from",
            "from=99999999999999999999, from",
            "to=0, to",
            "from=5&to=4, to",
            "receipt=7, receipt",
            "receipt=7:AB, receipt",
            "receipt=-1:0000000000000000000000000000000000000000000000000000000000000000, receipt",
            "form=1, form",
            "limit=1, limit"
        })
        void refusesWhatItDoesNotTake(String query, String pointer) {
            OURS.get(VERIFY + "?" + query, "").isProblem(400, "bad-request").pointsAt("/" + pointer);
        }

        @Test
        void answersNdjsonAlone() {
            OURS.get(VERIFY, "application/json").isProblem(406, "not-acceptable");
            OURS.get(VERIFY, "").is(200);
            OURS.post(VERIFY, "{}").isProblem(405, "method-not-allowed");
        }

        @Test
        void isDoneOnceAtATime() throws Exception {
            try (var owner = DATABASE.owner().getConnection();
                    var lock = owner.createStatement()) {
                owner.setAutoCommit(false);
                // Nobody reads the log while this lasts.
                lock.execute("lock table event_log.event in access exclusive mode");
                var waiting = Thread.ofVirtual().start(() -> verify(""));
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> OURS.get(VERIFY, NDJSON).status() == 429);
                var refused = OURS.get(VERIFY, NDJSON).isProblem(429, "too-many-requests");
                assertThat(refused.header("Retry-After")).matches("[1-9]\\d*");
                owner.rollback();
                waiting.join();
            }
            assertThat(verify("").getLast().path("ok").booleanValue()).isTrue();
        }

        /** In a log of its own, as it does not heal. */
        @Test
        void namesTheFirstPositionThatDoesNotFitAndSaysWhy() {
            try (var database = TestDatabase.fresh();
                    var application = RunningHere.on(database)) {
                var ledger = application.ledger();
                var id = ledger.start();
                for (var i = 0; i < 5; i++) {
                    ledger.command(of(id, "steps"), "{'stepId': 's" + i + "'}");
                }
                new Auditor(database)
                        .tamper("update event_log.event set payload = '{\"secret\":1}' where position = 4");
                var answer = ledger.get(VERIFY, NDJSON).is(200);

                assertThat(Answer.names(answer.lines().getLast()))
                        .containsExactly("ok", "position", "reason", "detail");
                assertThat(answer.lines().getLast().path("ok").booleanValue()).isFalse();
                assertThat(answer.lines().getLast().path("position").asLong()).isEqualTo(4);
                assertThat(answer.lines().getLast().path("reason").asString()).isEqualTo("PAYLOAD_ALTERED");
                assertThat(answer.text()).doesNotContain("secret", id);
                assertThat(ledger.get(VERIFY + "?to=3", NDJSON)
                                .lines()
                                .getLast()
                                .path("ok")
                                .booleanValue())
                        .isTrue();
            }
        }
    }

    @Nested
    class AnExport {

        @Test
        void beginsWithWhereItBegins() {
            var whole = OURS.get(EXPORT, NDJSON).is(200);
            assertThat(whole.header("Content-Type")).isEqualTo(NDJSON);
            assertThat(whole.header("Runledger-Position")).isEqualTo("7");
            var start = whole.lines().getFirst();
            assertThat(Answer.names(start)).containsExactly("logId", "from", "previousHash");
            assertThat(start.path("logId").asString()).isEqualTo(OURS.get(HEAD).text("logId"));

            var part = OURS.get(EXPORT + "?from=3&to=4", NDJSON).is(200).lines();
            assertThat(part).hasSize(3);
            assertThat(part.getFirst().path("from").asLong()).isEqualTo(3);
            assertThat(part.getFirst().path("previousHash").asString())
                    .isEqualTo(whole.lines().get(2).path("hash").asString());
            assertThat(OURS.get(EXPORT + "?from=8", NDJSON).is(200).lines()).hasSize(1);
            assertThat(OURS.get(EXPORT + "?to=900", NDJSON).is(200).lines()).hasSize(8);
        }

        @Test
        void hasTheNamespacesOwnEventsWhole() {
            var lines = OURS.get(EXPORT, NDJSON).is(200).lines();
            assertThat(lines).hasSize(8);
            for (var position : List.of(1, 2, 3, 4, 7)) {
                assertThat(Answer.names(lines.get(position)))
                        .containsExactly(
                                "position",
                                "namespace",
                                "stream",
                                "version",
                                "eventId",
                                "type",
                                "revision",
                                "occurredAtMicros",
                                "recordedAtMicros",
                                "metadata",
                                "payload",
                                "payloadSalt",
                                "payloadHash",
                                "digest",
                                "hash");
            }
            assertThat(lines.get(1).path("payload").asString()).isEqualTo("{\"workflow\":\"größe\"}");
            assertThat(lines.get(2).path("payload").asString()).isEqualTo("{\"output\":{\"line\":\"a\\nb\"}}");
            assertThat(lines.get(1).path("payloadSalt").asString()).matches("[0-9a-f]{32}");
        }

        @Test
        void hasOnlyTheLinksOfOtherNamespaces() {
            var ours = OURS.get(EXPORT, NDJSON).is(200);
            for (var position : List.of(5, 6)) {
                assertThat(Answer.names(ours.lines().get(position)))
                        .containsExactly("position", "recordedAtMicros", "digest", "hash");
            }
            assertThat(ours.text()).doesNotContain("theirs");
            var theirs = THEIRS.get(EXPORT, NDJSON).is(200);
            assertThat(theirs.text()).contains("secret-of-theirs").doesNotContain("ours");
        }

        @Test
        void hasNoPayloadOfAnErasedEvent() {
            var lines = OURS.get(EXPORT, NDJSON).is(200).lines();
            assertThat(lines.get(3).path("payload").isNull()).isTrue();
            assertThat(lines.get(3).path("payloadSalt").isNull()).isTrue();
            assertThat(lines.get(3).path("payloadHash").asString()).matches("[0-9a-f]{64}");
            assertThat(lines.toString()).doesNotContain("secret-of-ours");
        }

        @ParameterizedTest
        @CsvSource({
            "from=0, from",
            "from=9, from",
            "from=x, from",
            "to=0, to",
            "from=5&to=4, to",
            "receipt=7, receipt",
            "after=1, after"
        })
        void refusesWhatItDoesNotTake(String query, String pointer) {
            OURS.get(EXPORT + "?" + query, "").isProblem(400, "bad-request").pointsAt("/" + pointer);
        }

        @Test
        void holdsNoConnectionOfTheDatabasesWhileItsClientIsSlow() throws Exception {
            try (var database = TestDatabase.fresh();
                    var application = RunningHere.on(database)) {
                var ledger = application.ledger();
                var id = ledger.start();
                var state = "x".repeat(900_000);
                for (var i = 0; i < 20; i++) {
                    ledger.command(of(id, "checkpoints"), "{'state': '" + state + "'}");
                }
                try (var socket = new Socket("127.0.0.1", ledger.port())) {
                    socket.getOutputStream()
                            .write(("GET " + EXPORT + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(socket.getInputStream().read()).isEqualTo('H');
                    await().atMost(Duration.ofSeconds(30)).until(() -> isIdle(database));
                    assertThat(rest(socket)).isGreaterThan(20 * 900_000L);
                }
            }
        }

        private static boolean isIdle(TestDatabase database) {
            return JdbcClient.create(database.application())
                            .sql("""
                            select count(*)
                            from pg_stat_activity
                            where datname = current_database()
                              and state <> 'idle'
                              and query like '%left join lateral%'
                              and pid <> pg_backend_pid()
                            """)
                            .query(Long.class)
                            .single()
                    == 0;
        }

        private static long rest(Socket socket) throws IOException {
            var in = socket.getInputStream();
            var bytes = 0L;
            for (var read = in.skip(Long.MAX_VALUE); read > 0; read = in.skip(Long.MAX_VALUE)) {
                bytes += read;
            }
            return bytes;
        }
    }

    @Nested
    class AnErasedExecution {

        @Test
        void isGoneWhenItIsLoadedFromWhatIsLeft() {
            OURS.post(of(erased, "amend"), "{'tags': {'a': 'b'}}").isProblem(410, "erased");
            OURS.get(of(erased)).isProblem(410, "erased");
        }

        @Test
        void isShownAsErasedInTheFeedOfItsNamespace() {
            var events = OURS.get("/api/v1/events", NDJSON).is(200).lines();
            assertThat(events).hasSize(5);
            assertThat(events.get(2).path("erased").booleanValue()).isTrue();
            assertThat(events.get(2).path("payload").isNull()).isTrue();
            assertThat(events.get(2).path("type").asString()).isEqualTo("ExecutionStarted");
            assertThat(events.get(4).path("erased").booleanValue()).isFalse();
            assertThat(OURS.get("/api/v1/events").items().get(3).path("erased").booleanValue())
                    .isTrue();
        }
    }

    @Test
    void needsTheKeyWhereThereIsOne() {
        try (var database = TestDatabase.fresh();
                var application = RunningHere.on(database, "--runledger.api-key=0123456789abcdef")) {
            for (var path : List.of(HEAD, VERIFY, EXPORT)) {
                assertThat(new RawHttp(application.ledger().port()).get(path).status())
                        .as(path)
                        .isEqualTo(401);
                application
                        .ledger()
                        .with("Authorization", "Bearer 0123456789abcdef")
                        .get(path, "")
                        .is(200);
            }
        }
    }
}
