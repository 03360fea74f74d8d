package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StreamIdTest {

    @Test
    void isReadFromAnAggregateIdentifier() {
        assertThat(StreamId.parse("ns/execution/1")).isEqualTo(new StreamId("ns", "execution/1"));
        assertThat(new StreamId("ns", "execution/1").aggregateIdentifier()).isEqualTo("ns/execution/1");
    }

    @Test
    void isInTheDefaultNamespaceWhenTheIdentifierNamesNone() {
        assertThat(StreamId.parse("aggregate")).isEqualTo(new StreamId("default", "aggregate"));
    }

    @Test
    void hasANamespaceOfOneTo63Characters() {
        assertThat(new StreamId("n".repeat(63), "s").namespace()).hasSize(63);
        refused("", "s", "namespace");
        refused("n".repeat(64), "s", "63");
        refused("a/b", "s", "'/'");
    }

    @Test
    void hasANameOfOneTo320Bytes() {
        assertThat(new StreamId("n", "ä".repeat(160)).stream()).hasSize(160);
        refused("n", "", "empty");
        refused("n", "ä".repeat(161), "322");
        refused("n", "a\0b", "NUL");
        refused("n", "\uD834", "surrogate");
    }

    private static void refused(String namespace, String stream, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamId(namespace, stream))
                .withMessageContaining(reason);
    }
}
