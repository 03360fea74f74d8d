package dev.runledger.app.api;

import static dev.runledger.app.api.Ledger.EXECUTIONS;
import static dev.runledger.app.api.Ledger.of;
import static dev.runledger.app.api.Ledger.step;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Payloads come back as the JSON values they were, with every digit. */
class PrecisionTest extends OverHttp {

    static List<String> values() {
        return List.of(
                "1.10",
                "-0.0",
                "0.1",
                "100",
                "1e400",
                "1E-400",
                "-9.99e400",
                "12345678901234567890.12345678901234567890",
                "3.141592653589793238462643383279502884197169399375105820974944592307816406286",
                "123456789012345678901234567890123456789012345678901234567890",
                "9007199254740993",
                "-9223372036854775809",
                "18446744073709551616",
                "9".repeat(400),
                "{}",
                "[]",
                "{\"a\":{},\"b\":[],\"c\":null,\"\":\"\"}",
                "\"\"",
                "true",
                "[1.0,1.00,1,1e0,10e-1]",
                "\"\u00e9 e\u0301 \u5206\u6790 \ud83d\ude80 \u2028\u2029 \u007f \ufeff \uffff\"",
                "\"\\\" \\\\ / \\b\\f\\n\\r\\t \\u0001 \\u001f\"",
                "{\"\ud83d\ude80\":1,\"a/b~c\":2,\"z\":3,\"a\":4,\"__proto__\":5}",
                "\"<script>&amp;'\"");
    }

    @ParameterizedTest
    @MethodSource("values")
    void holdsForEveryPayload(String value) {
        var object = "{\"v\":" + value + "}";
        var started = post(EXECUTIONS, "{\"workflow\":\"w\",\"input\":" + value + ",\"metadata\":" + object + "}")
                .is(201);
        var id = started.id();
        post(step(id, "s", "start"), "{\"input\":" + value + ",\"metadata\":" + object + "}")
                .is(200);
        post(step(id, "s", "fail"), "{\"error\":{\"message\":\"m\",\"details\":" + value + "},\"retryable\":false}")
                .is(200);
        post(step(id, "t", "start"), "{}").is(200);
        post(step(id, "t", "complete"), "{\"output\":" + value + "}").is(200);
        post(of(id, "checkpoints"), "{\"state\":" + value + "}").is(200);
        post(of(id, "artifacts"), "{\"type\":\"t\",\"name\":\"n\",\"metadata\":" + object + "}")
                .is(200);
        post(of(id, "complete"), "{\"output\":" + value + "}").is(200);

        // Written out, a value says its digits: 1.10 is not 1.1.
        var expected = Answer.parse(value).toString();
        var execution = ledger.get(of(id) + "?include=artifacts");
        for (var path : List.of("input", "output", "currentState", "metadata.v", "artifacts.0.metadata.v")) {
            assertThat(execution.at(path).toString()).as(path).isEqualTo(expected);
        }
        var failed = ledger.get(step(id, "s"));
        for (var path : List.of("items.0.input", "items.0.metadata.v", "items.0.error.details")) {
            assertThat(failed.at(path).toString()).as(path).isEqualTo(expected);
        }
        assertThat(ledger.get(step(id, "t")).at("items.0.output").toString()).isEqualTo(expected);
        assertThat(ledger.get(of(id, "checkpoints/latest")).at("state").toString())
                .isEqualTo(expected);

        var paged = ledger.get(of(id, "events"));
        assertThat(paged.items()).isEqualTo(ledger.events(id));
        for (var path : List.of(
                "items.0.payload.input",
                "items.0.payload.metadata.v",
                "items.1.payload.input",
                "items.1.payload.metadata.v",
                "items.2.payload.error.details",
                "items.4.payload.output",
                "items.5.payload.state",
                "items.6.payload.metadata.v",
                "items.7.payload.output")) {
            assertThat(paged.at(path).toString()).as(path).isEqualTo(expected);
        }
        assertThat(ledger.events(id).get(4).path("payload").path("output").toString())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("values")
    void holdsForRepeats(String value) {
        var id = ledger.start();
        post(of(id, "complete"), "{\"output\":" + value + "}").changed(true);
        post(of(id, "complete"), "{\"output\":" + value + "}").changed(false);
        post(of(id, "complete"), "{\"output\":[" + value + "]}").isProblem(409, "content-mismatch");
    }

    private Answer post(String path, String json) {
        return ledger.post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }
}
