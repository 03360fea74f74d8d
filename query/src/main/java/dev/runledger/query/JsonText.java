package dev.runledger.query;

import dev.runledger.events.Json;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;

/** JSON columns of entities: their text, as it is. */
@Converter(autoApply = true)
class JsonText implements AttributeConverter<@Nullable Json, @Nullable String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable Json json) {
        return json == null ? null : json.text();
    }

    @Override
    public @Nullable Json convertToEntityAttribute(@Nullable String text) {
        return text == null ? null : Json.of(text);
    }
}
