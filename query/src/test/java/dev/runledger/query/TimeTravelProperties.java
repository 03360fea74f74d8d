package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionEvent.CheckpointRecorded;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.ReadSide.Said;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What the read side answers of the past is what it answered then: of 1,000 executions that anything happened to. */
class TimeTravelProperties {

    private static final int EXECUTIONS = 50;
    private static final int EVENTS = 8;

    /** Every so manieth execution is looked at in all of its parts. */
    private static final int WHOLE = 25;

    private static final String INCLUDED = "?include=steps,artifacts";

    private static final List<String> PARTS = List.of(
            "",
            "/steps?limit=2",
            "/steps?status=RUNNING&status=FAILED",
            "/steps?type=task&name=Analyze",
            "/steps/a?limit=1",
            "/steps/" + encoded("b/~ü "),
            "/artifacts?limit=1",
            "/artifacts?type=report",
            "/checkpoints?limit=1",
            "/checkpoints/latest");

    @SuppressWarnings("NullAway.Init") // made before the first property
    private static ReadSide readSide;

    /** A seed may be tried again. */
    private static int tries;

    @BeforeContainer
    static void start() {
        readSide = ReadSide.fresh();
    }

    @AfterContainer
    static void stop() {
        readSide.close();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String uri(ExecutionId id, String part, String moment) {
        return "/api/v1/executions/" + id.id() + part
                + (moment.isEmpty() ? "" : (part.contains("?") ? "&" : "?") + moment);
    }

    /** An answer, with the pages that follow it. */
    private record Then(int status, List<String> pages) {}

    private static Then ask(ExecutionId id, String part, String moment) {
        var uri = uri(id, part, moment);
        var answer = readSide.getIn(id.namespace(), uri);
        var pages = new ArrayList<>(List.of(answer.text()));
        while (answer.status() == 200 && answer.json().hasNonNull("nextCursor")) {
            answer = readSide.getIn(
                    id.namespace(),
                    uri + (uri.contains("?") ? "&" : "?") + "cursor="
                            + answer.json().get("nextCursor").asString());
            pages.add(answer.text());
        }
        return new Then(answer.status(), pages);
    }

    private static List<StoredEvent> events(ExecutionId id) {
        var events = new ArrayList<StoredEvent>();
        var stream = new StreamId(id.namespace(), id.stream());
        for (Long from = 0L; from != null; ) {
            var page = readSide.bean(EventLog.class).readStream(stream, from, Long.MAX_VALUE, EventFilter.ALL, 10_000);
            events.addAll(page.events());
            from = page.next();
        }
        return events;
    }

    private static void isAsThen(String uri, Then now, Then then, StoredEvent last) {
        var asOf = ",\"asOf\":{\"version\":" + last.version() + ",\"position\":" + last.position()
                + ",\"recordedAt\":\"" + EventJson.format(last.recordedAt()) + "\"}}";
        assertThat(now.status()).as(uri).isEqualTo(then.status());
        if (then.status() == 200) {
            assertThat(now.pages())
                    .as(uri)
                    .isEqualTo(then.pages().stream()
                            .map(page -> page.substring(0, page.length() - 1) + asOf)
                            .toList());
        }
    }

    /** The executions with a status, by whatever pages the list comes in. */
    private static Set<String> fleet(String namespace, ExecutionStatus status, String at) {
        var ids = new HashSet<String>();
        for (var cursor = ""; ; ) {
            var page = readSide.getIn(
                    namespace,
                    "/api/v1/executions?limit=20&status=" + status + (at.isEmpty() ? "" : "&at=" + at) + cursor);
            page.items()
                    .forEach(item -> assertThat(ids.add(item.get("executionId").asString()))
                            .isTrue());
            if (page.json().get("nextCursor").isNull()) {
                return ids;
            }
            cursor = "&cursor=" + page.json().get("nextCursor").asString();
        }
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void anyVersionIsAnsweredAsItWasWhenItWasThePresent(@ForAll long seed) throws InterruptedException {
        var any = new AnyEvents(seed);
        var namespace = "try" + ++tries;
        var ids = new ArrayList<ExecutionId>();
        var lived = new HashMap<ExecutionId, List<Map<String, Then>>>();
        var fleets = new HashMap<String, Map<ExecutionStatus, Set<String>>>();
        for (var round = 0; round < EVENTS; round++) {
            var said = new ArrayList<Said>();
            for (var i = 0; i < EXECUTIONS; i++) {
                if (round == 0) {
                    var id = new ExecutionId(namespace, any.id());
                    said.add(any.first(id, ids));
                    ids.add(id);
                } else {
                    said.add(any.next(ids.get(i)));
                }
            }
            readSide.append(said);
            readSide.settle();
            for (var i = 0; i < EXECUTIONS; i++) {
                var answers = new HashMap<String, Then>();
                var id = ids.get(i);
                answers.put(INCLUDED, ask(id, INCLUDED, ""));
                if (i % WHOLE == 0) {
                    PARTS.forEach(part -> answers.put(part, ask(id, part, "")));
                }
                lived.computeIfAbsent(id, ignored -> new ArrayList<>()).add(answers);
            }
            var now = new HashMap<ExecutionStatus, Set<String>>();
            for (var status : ExecutionStatus.values()) {
                now.put(status, fleet(namespace, status, ""));
            }
            fleets.put(EventJson.format(readSide.bean(EventLog.class).head().recordedAt()), now);
        }
        var random = new Random(seed);
        for (var id : ids) {
            var events = events(id);
            var versions = lived.getOrDefault(id, List.of());
            for (var n = 1; n <= versions.size(); n++) {
                var event = events.get(n - 1);
                for (var then : versions.get(n - 1).entrySet()) {
                    var moments = then.getKey().contains("include")
                            ? List.of("version=" + n)
                            : List.of("version=" + n, "at=" + EventJson.format(event.recordedAt()));
                    for (var moment : moments) {
                        isAsThen(
                                uri(id, then.getKey(), moment), ask(id, then.getKey(), moment), then.getValue(), event);
                    }
                }
            }
            var from = 1 + random.nextInt(EVENTS);
            var to = 1 + random.nextInt(EVENTS);
            var byTime = random.nextBoolean();
            changesOneIntoTheOther(
                    id,
                    byTime ? EventJson.format(events.get(from - 1).recordedAt()) : String.valueOf(from),
                    byTime ? EventJson.format(events.get(to - 1).recordedAt()) : String.valueOf(to));
        }
        fleets.forEach((at, then) -> then.forEach((status, some) -> assertThat(fleet(namespace, status, at))
                .as(status + " at " + at)
                .isEqualTo(some)));
    }

    private static void changesOneIntoTheOther(ExecutionId id, String from, String to) {
        var one = ask(id, INCLUDED, moment(from));
        var other = ask(id, INCLUDED, moment(to));
        var diff = "from=" + from + "&to=" + to;
        var patch = ask(id, "/diff", diff);
        var text = patch.pages().getFirst();
        assertThat(patch.status()).as(text).isEqualTo(200);
        assertThat(Patched.by(text, one.pages().getFirst()))
                .as(uri(id, "/diff", diff) + " by " + text)
                .isEqualTo(Patched.read(other.pages().getFirst()));
        assertThat(readSide.getIn(id.namespace(), uri(id, "/diff", diff), "Accept", "text/plain")
                        .text())
                .startsWith("from version ");
    }

    private static String moment(String versionOrTime) {
        return (versionOrTime.contains("T") ? "at=" : "version=") + versionOrTime;
    }

    /** Histories of more than one page of versions, and of more bytes than one reading of the log returns. */
    @Property(tries = 2, shrinking = ShrinkingMode.OFF)
    void alsoOfALongHistory(@ForAll long seed) throws InterruptedException {
        var any = new AnyEvents(seed);
        var random = new Random(seed);
        var id = new ExecutionId("try" + ++tries, any.id());
        var said = new ArrayList<>(List.of(any.first(id, List.of())));
        var length = 1_200 + random.nextInt(600);
        while (said.size() < length) {
            said.add(
                    random.nextInt(4) == 0
                            ? new Said(
                                    id,
                                    said.getFirst().occurredAt(),
                                    new CheckpointRecorded("n" + said.size(), null, null, noise(random)))
                            : any.next(id));
        }
        var lived = new HashMap<Integer, Map<String, Then>>();
        for (var version = 0; version < length; ) {
            var next = Math.min(length, version + 1 + random.nextInt(200));
            readSide.append(said.subList(version, next));
            readSide.settle();
            version = next;
            var answers = new HashMap<String, Then>();
            answers.put(INCLUDED, ask(id, INCLUDED, ""));
            answers.put("/checkpoints?limit=500", ask(id, "/checkpoints?limit=500", ""));
            answers.put("/checkpoints/latest", ask(id, "/checkpoints/latest", ""));
            lived.put(version, answers);
        }
        var events = events(id);
        lived.forEach((version, answers) -> answers.forEach((part, then) -> isAsThen(
                uri(id, part, "version=" + version),
                ask(id, part, "version=" + version),
                then,
                events.get(version - 1))));
        var versions = List.copyOf(lived.keySet());
        for (var i = 0; i < 5; i++) {
            var from = versions.get(random.nextInt(versions.size()));
            var to = versions.get(random.nextInt(versions.size()));
            changesOneIntoTheOther(id, String.valueOf(from), String.valueOf(to));
        }
    }

    private static Json noise(Random random) {
        var text = new StringBuilder("\"");
        random.ints(30_000 + random.nextInt(10_000), 'A', 'A' + 26).forEach(text::appendCodePoint);
        return Json.of(text.append('"').toString());
    }
}
