package dev.runledger.app.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * A client of one server and namespace. JSON may be written with single quotes. It reads what it wrote: queries ask for
 * the last position that a command was answered with.
 */
public final class Ledger {

    public static final String EXECUTIONS = "/api/v1/executions";

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final int port;
    private final Map<String, String> headers;
    private final AtomicLong written;

    private Ledger(int port, Map<String, String> headers, AtomicLong written) {
        this.port = port;
        this.headers = headers;
        this.written = written;
    }

    public static Ledger at(int port) {
        return new Ledger(port, Map.of(), new AtomicLong());
    }

    /** A client of the namespace {@code name}. */
    public Ledger in(String name) {
        return with("Runledger-Namespace", name);
    }

    /** A client that sends this header too; an empty value takes it away. */
    public Ledger with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        if (value.isEmpty()) {
            more.remove(header);
        } else {
            more.put(header, value);
        }
        return new Ledger(port, more, written);
    }

    public int port() {
        return port;
    }

    /** The highest position that a command was answered with. */
    public long written() {
        return written.get();
    }

    /** {@code text} as one segment of a path, or a value of a query. */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public static String json(String text) {
        return text.replace('\'', '"');
    }

    public Answer post(String path, String json) {
        return post(path, "application/json", json(json).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends {@code body} as it is. */
    public Answer post(String path, String contentType, byte[] body) {
        return post(path, contentType, BodyPublishers.ofByteArray(body));
    }

    public Answer post(String path, String contentType, BodyPublisher body) {
        var request = request(path).POST(body);
        if (!contentType.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        var answer = send(request);
        if (answer.status() < 300 && answer.header("Content-Type").startsWith("application/json")) {
            var position = answer.json().path("position");
            if (position.isNumber()) {
                wrote(position.asLong());
            }
        }
        return answer;
    }

    /** Asks for {@code path}, encoded, as of everything this client has written. */
    public Answer get(String path) {
        return get(path, "application/json");
    }

    public Answer get(String path, String accept) {
        var request = request(path).GET();
        if (!accept.isEmpty()) {
            request.header("Accept", accept);
        }
        if (headers.containsKey("Runledger-Min-Position")) {
            return send(request);
        }
        request.header("Runledger-Min-Position", String.valueOf(written()));
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> send(request), answer -> !answer.text().contains("urn:runledger:problem:behind"));
    }

    /** The path of the execution {@code id}, or of a part of it. */
    public static String of(String id, String... part) {
        return EXECUTIONS + "/" + id + (part.length == 0 ? "" : "/" + String.join("/", part));
    }

    /** The path of a step, or of a command on it. */
    public static String step(String id, String stepId, String... command) {
        return of(id, "steps", encoded(stepId)) + (command.length == 0 ? "" : "/" + command[0]);
    }

    /** Creates an execution of the workflow {@code w} and answers its id. */
    public String start() {
        return create("{'workflow': 'w'}");
    }

    /** Creates an execution and answers its id. */
    public String create(String json) {
        return post(EXECUTIONS, json).is(201).id();
    }

    /** Sends a command that must be accepted. */
    public Answer command(String path, String json) {
        return post(path, json).is(200);
    }

    /** Sends lines, each a command, as NDJSON; answers their results. */
    public List<JsonNode> batch(List<String> lines) {
        return batch("", lines);
    }

    public List<JsonNode> batch(String query, List<String> lines) {
        var answer = post(
                "/api/v1/commands" + query,
                "application/x-ndjson",
                (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-ndjson");
        var results = answer.is(200).lines();
        results.forEach(result -> wrote(result.path("position").asLong()));
        return results;
    }

    /** The events of the execution {@code id}, all of them. */
    public List<JsonNode> events(String id) {
        return get(of(id, "events"), "application/x-ndjson").is(200).lines();
    }

    /** Version, type and payload of the events of the execution {@code id}. */
    public List<String> history(String id) {
        return events(id).stream()
                .map(event -> event.path("version").asLong() + " "
                        + event.path("type").asString() + " " + event.path("payload"))
                .toList();
    }

    /** The items of every page of the list at {@code path}. */
    public List<JsonNode> pages(String path, int limit) {
        var items = new ArrayList<JsonNode>();
        var start = path + (path.contains("?") ? "&" : "?") + "limit=" + limit;
        var next = start;
        while (true) {
            var page = get(next);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
            items.addAll(page.items());
            if (page.at("nextCursor").isNull()) {
                return items;
            }
            next = start + "&cursor=" + encoded(page.text("nextCursor"));
        }
    }

    public static String newId() {
        return UUID.randomUUID().toString();
    }

    private void wrote(long position) {
        written.accumulateAndGet(position, Math::max);
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(120));
        headers.forEach(request::header);
        return request;
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            var response = HTTP.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
