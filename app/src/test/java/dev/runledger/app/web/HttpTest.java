package dev.runledger.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.runledger.app.embedded.TestDatabase;
import dev.runledger.app.web.RawHttp.Answer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@Import(EchoController.class)
class HttpTest {

    @LocalServerPort
    private int port;

    private RawHttp http;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        TestDatabase.describeTo(registry);
    }

    @BeforeEach
    void connect() {
        http = new RawHttp(port);
    }

    @Nested
    class APathSegment {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "a%2Fb|a/b",
                    "a%25b|a%b",
                    "a%3Bb|a;b",
                    "a%20b|a b",
                    "%2F%2F|//",
                    "a%5Cb|a\\b",
                    "%C3%A9|é",
                    "%252F|%2F"
                })
        void passesTheExecutorsNameThrough(String encoded, String name) {
            Answer answer = http.send("POST", "/api/v1/echo/x%2F1/steps/" + encoded + "/start", "", "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(json(answer).path("stepId").asString()).isEqualTo(name);
            assertThat(json(answer).path("id").asString()).isEqualTo("x/1");
        }
    }

    @Nested
    class AProblem {

        @ParameterizedTest
        @CsvSource({
            "GET, /nothing, '', 404, not-found",
            "GET, /error, '', 404, not-found",
            "DELETE, /api/v1/request, '', 405, method-not-allowed",
            "GET, /api/v1/request, 'Accept: image/png', 406, not-acceptable",
            "POST, /api/v1/json, 'Content-Type: text/csv', 415, unsupported-media-type",
            "POST, /api/v1/json, 'Content-Type: application/json', 400, bad-request",
            "GET, /api/v1/number/x, '', 400, bad-request",
            "GET, /api/v1/away, '', 503, unavailable",
            "GET, /api/v1/fault, '', 500, internal-error",
            "GET, /api/v1/fault, 'Accept: text/html', 500, internal-error",
            "GET, /a/%2e%2e/b, '', 400, bad-request",
            "GET, /%zz, '', 400, bad-request",
            "GET, /%00, '', 400, bad-request",
            "TRACE, /api/v1/request, '', 405, method-not-allowed"
        })
        void isJsonWithEveryMember(String method, String path, String header, int status, String slug) {
            Answer answer = http.send(method, path, header.isEmpty() ? "" : header + "\r\n", "");
            assertProblem(answer, status, slug);
        }

        @Test
        void comesForRequestsThatJettyItselfRefuses() {
            assertProblem(http.get("/", "X-Long: " + "x".repeat(100_000)), 431, "headers-too-large");
            assertProblem(http.raw("NONSENSE\r\n\r\n"), 400, "bad-request");
            assertProblem(http.raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400, "bad-request");
            assertProblem(
                    http.send("POST", "/api/v1/json", "Content-Type: application/json\r\nContent-Length: 9\r\n", "{}"),
                    400,
                    "bad-request");
        }

        @Test
        void comesForABodyThatBreaksOff() {
            String chunked = "POST /api/v1/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n";
            assertProblem(http.raw(chunked.formatted("json")), 400, "bad-request");
            assertProblem(http.raw(chunked.formatted("length")), 400, "bad-request");
        }

        @Test
        void saysWhenToComeBackWhileTheDatabaseIsAway() {
            assertThat(http.get("/api/v1/away").headers()).contains("retry-after: 1");
        }

        @Test
        void keepsTheInsideInTheLogAndWritesItOnce() {
            var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
            var written = new ListAppender<ILoggingEvent>();
            written.start();
            root.addAppender(written);
            try {
                Answer answer = http.get("/api/v1/fault", "X-Request-Id: fault-1");
                assertThat(answer.body())
                        .doesNotContain("secret", "Exception", "select")
                        .contains("fault-1");
                assertThat(List.copyOf(written.list))
                        .filteredOn(event -> event.getLevel() == Level.ERROR)
                        .singleElement()
                        .satisfies(event -> {
                            assertThat(event.getMDCPropertyMap()).containsEntry("requestId", "fault-1");
                            assertThat(event.getThrowableProxy().getMessage()).startsWith("select secret");
                        });
            } finally {
                root.detachAppender(written);
            }
        }
    }

    @Nested
    class ARequest {

        @Test
        void keepsTheIdItCameWith() {
            Answer answer = http.get("/api/v1/request", "X-Request-Id: Ann.1_2-3");
            assertThat(answer.headers()).contains("x-request-id: ann.1_2-3");
            assertThat(json(answer).path("runledger.requestId").asString()).isEqualTo("Ann.1_2-3");
            assertThat(json(answer).path("mdc").asString()).isEqualTo("Ann.1_2-3");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a b", "x\"y", "é"})
        void getsAnIdOfItsOwnInsteadOfABadOne(String offered) {
            Answer answer = http.get("/api/v1/request", "X-Request-Id: " + offered);
            assertThat(json(answer).path("runledger.requestId").asString()).matches("[0-9a-f-]{36}");
        }

        @Test
        void isAnonymousAndSpeaksOfTheDefaultNamespace() {
            JsonNode seen = json(http.get("/api/v1/request"));
            assertThat(seen.path("runledger.actor").asString()).isEqualTo("anonymous");
            assertThat(seen.path("runledger.namespace").asString()).isEqualTo("default");
        }

        @Test
        void picksItsNamespace() {
            JsonNode seen = json(http.get("/api/v1/request", "Runledger-Namespace: team-7"));
            assertThat(seen.path("runledger.namespace").asString()).isEqualTo("team-7");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "-a", "Team", "a_b", "0123456789012345678901234567890123456789012345678901234567890123"})
        void isRefusedWithABadNamespace(String namespace) {
            Answer answer = http.get("/api/v1/request", "Runledger-Namespace: " + namespace);
            assertProblem(answer, 400, "bad-request");
            assertThat(answer.body()).contains("Runledger-Namespace");
        }

        @Test
        void mayHaveABodyOfManyMegabytes() {
            Answer answer = http.send("POST", "/api/v1/length", "Content-Type: text/plain\r\n", "x".repeat(32 << 20));
            assertThat(json(answer).path("length").asLong()).isEqualTo(32L << 20);
        }
    }

    @Nested
    class AServerWithoutAKey {

        @ParameterizedTest
        @ValueSource(strings = {"localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "ui.localhost"})
        void answersToLoopbackNames(String host) {
            assertThat(http.raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .status())
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0"})
        void answersToNoOtherName(String host) {
            assertProblem(
                    http.raw("GET /api/v1/request HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"),
                    421,
                    "misdirected");
        }

        @Test
        void takesNothingFromPagesOfOtherSites() {
            for (String header :
                    List.of("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site")) {
                assertProblem(http.send("POST", "/api/v1/length", header + "\r\n", ""), 403, "forbidden");
            }
            assertThat(http.send("POST", "/api/v1/length", "Origin: http://localhost:3000\r\n", "")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Nested
    class TheOperationsPaths {

        @ParameterizedTest
        @ValueSource(strings = {"/health", "/health/live", "/health/ready", "/prometheus", "/v3/api-docs"})
        void answer(String path) {
            assertThat(http.get(path).status()).isEqualTo(200);
        }

        @Test
        void tellLivenessWithoutTheDatabase() {
            assertThat(http.get("/health/live").body()).doesNotContain("db");
            assertThat(http.get("/health/ready").body()).contains("db");
        }
    }

    static void assertProblem(Answer answer, int status, String slug) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers())
                .contains("content-type: application/problem+json")
                .contains("x-request-id: ");
        JsonNode problem = json(answer);
        assertThat(problem.path("type").asString()).isEqualTo("urn:runledger:problem:" + slug);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        for (String member : List.of("title", "detail", "requestId")) {
            assertThat(problem.path(member).asString()).as(member).isNotBlank();
        }
        assertThat(answer.headers())
                .contains(
                        "x-request-id: " + problem.path("requestId").asString().toLowerCase(java.util.Locale.ROOT));
    }

    private static JsonNode json(Answer answer) {
        String body = answer.body();
        int begin = body.indexOf('{');
        return JsonMapper.shared().readTree(body.substring(begin, body.lastIndexOf('}') + 1));
    }
}
