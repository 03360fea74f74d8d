package dev.runledger.eventstore;

import static dev.runledger.eventstore.TestLog.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.runledger.eventstore.LogExport.Content;
import dev.runledger.eventstore.LogExport.Link;
import dev.runledger.eventstore.LogExport.Part;
import dev.runledger.eventstore.TestLog.Noted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.axonframework.eventhandling.DomainEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LogExportTest {

    private static final StreamId FOREIGN = new StreamId("foreign", "execution/1");

    private final ErasableLog log = new ErasableLog();
    private final LogExport export = new LogExport(log.test.database.application());

    @AfterEach
    void close() {
        log.close();
    }

    private List<Link> all(String namespace) {
        return export.read(namespace, 0, log.receipt().position(), 100).links();
    }

    @Nested
    class AStart {

        @Test
        void chainsToTheLogsIdOrToTheEventBefore() {
            log.append(STREAM, 1, 3);
            Head head = log.test.log.head();

            assertThat(export.start(1))
                    .contains(new LogExport.Start(head.logId(), 1, Hash.of(new Chain().start(head.logId()))));
            assertThat(export.start(4)).contains(new LogExport.Start(head.logId(), 4, head.hash()));
            assertThat(export.start(5)).isEmpty();
        }
    }

    @Nested
    class ALink {

        @Test
        void holdsWhatItsHashesAreMadeOf() {
            log.test.engine.appendEvents(
                    TestLog.event(STREAM, 1, new Noted("größe 𝄞"), Map.of("k", "ü")),
                    TestLog.event(STREAM, 2, new Noted("x"), Map.of("occurredAt", "1907-01-01T00:00:00.000001Z")));
            Chain chain = new Chain();
            byte[] previous = chain.start(log.test.log.head().logId());
            for (Link link : all("ns")) {
                Content content = Objects.requireNonNull(link.content());
                byte[] salt = HexFormat.of().parseHex(String.valueOf(content.payloadSalt()));
                byte[] payloadHash = chain.payloadHash(
                        salt, String.valueOf(content.payload()).getBytes(UTF_8));
                assertThat(content.payloadHash()).isEqualTo(Hash.of(payloadHash));
                byte[] digest = chain.digest(
                        content.namespace().getBytes(UTF_8),
                        content.stream().getBytes(UTF_8),
                        content.version(),
                        content.eventId(),
                        content.type().getBytes(UTF_8),
                        content.revision(),
                        Instant.EPOCH.plusNanos(content.occurredAtMicros() * 1_000),
                        content.metadata().getBytes(UTF_8),
                        payloadHash);
                assertThat(link.digest()).isEqualTo(Hash.of(digest));
                previous = chain.hash(previous, link.position(), link.recordedAtMicros(), digest);
                assertThat(link.hash()).isEqualTo(Hash.of(previous));
            }
            assertThat(log.receipt().hash()).isEqualTo(Hash.of(previous));
        }

        @Test
        void hasNoContentInAnotherNamespace() {
            log.append(STREAM, 1, 1);
            log.append(FOREIGN, 1, 2);
            log.append(STREAM, 2, 1);

            assertThat(all("ns")).extracting(link -> link.content() == null).containsExactly(false, true, true, false);
            assertThat(all("foreign"))
                    .extracting(link -> link.content() == null)
                    .containsExactly(true, false, false, true);
            assertThat(all("none")).hasSize(4).allMatch(link -> link.content() == null);
        }

        @Test
        void hasNeitherPayloadNorSaltOnceErased() {
            log.append(STREAM, 1, 1);
            log.appendErasing(STREAM, 2);
            log.erasure.erase(STREAM);

            Content content = Objects.requireNonNull(all("ns").getFirst().content());
            assertThat(content.payload()).isNull();
            assertThat(content.payloadSalt()).isNull();
        }
    }

    @Nested
    class APart {

        @Test
        void saysWhereToGoOnUnlessItReachedTheEnd() {
            log.append(STREAM, 1, 5);

            Part first = export.read("ns", 0, 4, 3);
            assertThat(first.links()).extracting(Link::position).containsExactly(1L, 2L, 3L);
            assertThat(first.next()).isEqualTo(3);
            Part second = export.read("ns", 3, 4, 3);
            assertThat(second.links()).extracting(Link::position).containsExactly(4L);
            assertThat(second.next()).isNull();
            assertThat(export.read("ns", 5, 5, 3)).isEqualTo(new Part(List.of(), null));
        }

        @Test
        void endsAtAboutEightMebibytesOfTheNamespacesOwn() {
            List<DomainEventMessage<?>> events = new ArrayList<>();
            for (int version = 1; version <= 30; version++) {
                events.add(TestLog.event(STREAM, version, new Noted("x".repeat(700_000)), Map.of()));
            }
            log.test.engine.appendEvents(events);

            assertThat(export.read("ns", 0, 30, 1_000).links()).hasSizeBetween(8, 13);
            assertThat(export.read("foreign", 0, 30, 1_000).links()).hasSize(30);
        }
    }
}
