package dev.runledger.app.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.app.embedded.TestDatabase;
import dev.runledger.app.startup.StartRefused;
import dev.runledger.app.web.EchoController;
import dev.runledger.app.web.RawHttp;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"runledger.api-key=" + ApiKeyTest.KEY, "server.address=0.0.0.0"})
@Import(EchoController.class)
class ApiKeyTest {

    static final String KEY = "0123456789abcdef";

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        TestDatabase.describeTo(registry);
    }

    @Nested
    class ARequest {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/api/v1/request",
                    "/prometheus",
                    "/v3/api-docs",
                    "/",
                    "/nothing",
                    "/health/../api/v1/request",
                    "/health;x",
                    "/health/db"
                })
        void isRefusedWithoutTheKey(String path) {
            var answer = new RawHttp(port).get(path);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.headers())
                    .contains("www-authenticate: bearer")
                    .contains("content-type: application/problem+json");
            assertThat(answer.body()).contains("urn:runledger:problem:unauthorized");
        }

        @ParameterizedTest
        @ValueSource(strings = {"Bearer", "Bearer ", "Bearer wrong", "Bearer " + KEY + "x", "Basic " + KEY, KEY})
        void isRefusedWithAnythingButTheKey(String authorization) {
            var answer = new RawHttp(port).get("/api/v1/request", "Authorization: " + authorization);
            assertThat(answer.status()).isEqualTo(401);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/health", "/health/live", "/health/ready"})
        void mayAskForHealthWithoutTheKey(String path) {
            assertThat(new RawHttp(port).get(path).status()).isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Bearer ", "bearer "})
        void passesWithTheKey(String scheme) {
            var answer = new RawHttp(port).get("/api/v1/request", "Authorization: " + scheme + KEY);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).contains("\"runledger.actor\":\"api-key\"");
        }
    }

    @Nested
    class Starting {

        @ParameterizedTest
        @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "", " "})
        void isRefusedOnAnOpenAddressWithoutAKey(String address) {
            var environment = new MockEnvironment().withProperty("server.address", address);
            assertThatThrownBy(() -> BindAddressCheck.check(environment))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("RUNLEDGER_API_KEY");
        }

        @ParameterizedTest
        @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.0.0.2"})
        void isFineOnLoopbackWithoutAKey(String address) {
            var environment = new MockEnvironment().withProperty("server.address", address);
            assertThatCode(() -> BindAddressCheck.check(environment)).doesNotThrowAnyException();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "   ", "tooshort", "0123456789abcde", "0123456789 abcdef", "0123456789abcdefé"})
        void isRefusedWithAKeyThatGuardsNothing(String key) {
            var environment = new MockEnvironment().withProperty("runledger.api-key", key);
            assertThatThrownBy(() -> BindAddressCheck.check(environment))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("RUNLEDGER_API_KEY");
        }

        @Test
        void isRefusedWithAPortThatTheKeyDoesNotGuard() {
            var environment = new MockEnvironment()
                    .withProperty("runledger.api-key", KEY)
                    .withProperty("management.server.port", "9090");
            assertThatThrownBy(() -> BindAddressCheck.check(environment)).isInstanceOf(StartRefused.class);
        }
    }
}
