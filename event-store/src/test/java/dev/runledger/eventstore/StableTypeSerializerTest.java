package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.TestLog.Happened;
import dev.runledger.eventstore.TestLog.Noted;
import java.util.Map;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializationException;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class StableTypeSerializerTest {

    private final StableTypeSerializer serializer = TestLog.serializer();

    @Test
    void writesTheRegisteredNameAndRevision() {
        SerializedObject<String> written = serializer.serialize(new Noted("a"), String.class);

        assertThat(written.getType().getName()).isEqualTo("Noted");
        assertThat(written.getType().getRevision()).isEqualTo("2");
        assertThat(written.getData()).isEqualTo("{\"text\":\"a\"}");
        assertThat(serializer.<String, Object>deserialize(written)).isEqualTo(new Noted("a"));
    }

    @Test
    void writesOtherClassesUnderTheirOwnName() {
        assertThat(reread(new GlobalSequenceTrackingToken(7))).isEqualTo(new GlobalSequenceTrackingToken(7));
        assertThat(reread(MetaData.with("k", "v"))).isEqualTo(MetaData.with("k", "v"));
    }

    @Test
    void failsClearlyForANameThatNobodyKnows() {
        assertThatThrownBy(() ->
                        serializer.deserialize(new SimpleSerializedObject<>("{}", String.class, "StepVanished", "3")))
                .isInstanceOf(SerializationException.class)
                .hasMessageContainingAll("StepVanished", "3");
    }

    @Test
    void refusesTwoClassesOfOneName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new StableTypeSerializer(new JsonMapper(), Map.of(Happened.class, "Same", Noted.class, "Same")))
                .withMessageContaining("Same");
    }

    private Object reread(Object value) {
        return serializer.deserialize(serializer.serialize(value, String.class));
    }
}
