package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code docs/log-format.md} works out is what the log does. */
class LogFormatTest {

    private static final HexFormat HEX = HexFormat.of();

    private final Chain chain = new Chain();
    private final String document;

    LogFormatTest() throws IOException {
        document = Files.readString(Path.of("..", "docs", "log-format.md"));
    }

    private List<JsonNode> example() {
        var block = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL).matcher(document);
        assertThat(block.find()).isTrue();
        return block.group(1).lines().map(JsonMapper.shared()::readTree).toList();
    }

    @Test
    void workedExampleIsAChain() {
        List<JsonNode> lines = example();
        byte[] previous = chain.start(UUID.fromString(text(lines.getFirst(), "logId")));
        assertThat(text(lines.getFirst(), "previousHash")).isEqualTo(HEX.formatHex(previous));
        assertThat(lines).hasSize(5);
        for (JsonNode line : lines.subList(1, lines.size())) {
            byte[] digest = hex(line, "digest");
            if (line.has("payloadHash")) {
                byte[] payloadHash = line.get("payload").isNull()
                        ? hex(line, "payloadHash")
                        : chain.payloadHash(
                                hex(line, "payloadSalt"), text(line, "payload").getBytes(UTF_8));
                assertThat(payloadHash).isEqualTo(hex(line, "payloadHash"));
                assertThat(chain.digest(
                                text(line, "namespace").getBytes(UTF_8),
                                text(line, "stream").getBytes(UTF_8),
                                line.get("version").asLong(),
                                UUID.fromString(text(line, "eventId")),
                                text(line, "type").getBytes(UTF_8),
                                line.get("revision").asInt(),
                                Instant.EPOCH.plusNanos(
                                        line.get("occurredAtMicros").asLong() * 1_000),
                                text(line, "metadata").getBytes(UTF_8),
                                payloadHash))
                        .isEqualTo(digest);
            }
            previous = chain.hash(
                    previous,
                    line.get("position").asLong(),
                    line.get("recordedAtMicros").asLong(),
                    digest);
            assertThat(HEX.formatHex(previous)).isEqualTo(text(line, "hash"));
        }
    }

    @Test
    void stepsOfTheWorkedExampleLeadToItsHashes() throws Exception {
        List<byte[]> steps = Pattern.compile("^\\|.*\\| `([0-9a-f]+)` \\|$", Pattern.MULTILINE)
                .matcher(document)
                .results()
                .map(step -> HEX.parseHex(step.group(1)))
                .toList();
        JsonNode first = example().get(1);

        assertThat(steps).hasSize(16);
        assertThat(steps.get(0)).isEqualTo(hex(example().getFirst(), "previousHash"));
        assertThat(steps.get(1)).isEqualTo(hex(first, "payloadSalt"));
        assertThat(steps.get(2)).isEqualTo(text(first, "payload").getBytes(UTF_8));
        assertThat(steps.get(3)).isEqualTo(hex(first, "payloadHash")).isEqualTo(sha256(steps.subList(1, 3)));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        steps.subList(4, 12).forEach(digest::update);
        assertThat(steps.get(12)).isEqualTo(hex(first, "digest")).isEqualTo(digest.digest(steps.get(3)));
        assertThat(steps.get(15))
                .isEqualTo(hex(first, "hash"))
                .isEqualTo(sha256(List.of(steps.get(0), steps.get(13), steps.get(14), steps.get(12))));
    }

    private static byte[] sha256(List<byte[]> parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        parts.forEach(digest::update);
        return digest.digest();
    }

    private static String text(JsonNode line, String member) {
        return line.get(member).asString();
    }

    private static byte[] hex(JsonNode line, String member) {
        return HEX.parseHex(text(line, member));
    }
}
