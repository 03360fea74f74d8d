package dev.runledger.query;

import dev.runledger.events.EventJson;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Time columns of entities, as answers write them. */
@Converter
public class TimeText implements AttributeConverter<@Nullable String, @Nullable Instant> {

    @Override
    public @Nullable Instant convertToDatabaseColumn(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    @Override
    public @Nullable String convertToEntityAttribute(@Nullable Instant time) {
        return time == null ? null : EventJson.format(time);
    }
}
