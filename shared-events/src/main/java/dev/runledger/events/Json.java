package dev.runledger.events;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;

/**
 * One JSON value as its text, so that numbers keep every digit on the way through.
 * The text is taken to be well-formed: {@link EventJson} and the request reader make these from parsed JSON.
 */
public final class Json {

    private final String text;

    /** 0 until computed; a race computes the same value twice. */
    private long contentHash;

    private Json(String text) {
        this.text = text;
    }

    /** The value written as {@code text}, which must be one well-formed JSON value. */
    public static Json of(String text) {
        return new Json(Objects.requireNonNull(text));
    }

    /** The JSON text, as it was given. */
    @JsonValue
    @JsonRawValue
    public String text() {
        return text;
    }

    /** The hash of the value's canonical form: equal for texts that mean the same. Never 0. See {@link CanonicalJson}. */
    public long contentHash() {
        var hash = contentHash;
        if (hash == 0) {
            hash = ContentHash.ofText(CanonicalJson.of(text));
            contentHash = hash;
        }
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Json json && json.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
