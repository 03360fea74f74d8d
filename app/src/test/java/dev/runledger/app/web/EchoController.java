package dev.runledger.app.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.MDC;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.http.MediaType;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Stands in for the controllers of the other modules. */
@TestComponent
@RestController
public class EchoController {

    @PostMapping("/api/v1/echo/{id}/steps/{stepId}/start")
    Map<String, String> step(@PathVariable String id, @PathVariable String stepId) {
        return Map.of("id", id, "stepId", stepId);
    }

    @GetMapping("/api/v1/request")
    Map<String, String> request(HttpServletRequest request) {
        var seen = new TreeMap<String, String>();
        for (String name : new String[] {"runledger.actor", "runledger.namespace", "runledger.requestId"}) {
            seen.put(name, String.valueOf(request.getAttribute(name)));
        }
        seen.put("mdc", String.valueOf(MDC.get("requestId")));
        return seen;
    }

    @PostMapping(path = "/api/v1/json", consumes = MediaType.APPLICATION_JSON_VALUE)
    Map<String, Object> json(@RequestBody Map<String, Object> body) {
        return body;
    }

    @PostMapping("/api/v1/length")
    Map<String, Long> length(InputStream body) throws IOException {
        return Map.of("length", body.transferTo(java.io.OutputStream.nullOutputStream()));
    }

    @GetMapping("/api/v1/number/{number}")
    int number(@PathVariable int number) {
        return number;
    }

    @GetMapping("/api/v1/fault")
    String fault() {
        throw new IllegalStateException("select secret from event_log.event");
    }

    @GetMapping("/api/v1/away")
    String away() {
        throw new CannotGetJdbcConnectionException("jdbc:postgresql://secret");
    }
}
