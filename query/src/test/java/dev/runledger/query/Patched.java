package dev.runledger.query;

import jakarta.json.Json;
import jakarta.json.JsonStructure;
import java.io.StringReader;

/** Documents that somebody else's JSON Patch has changed. */
public final class Patched {

    private Patched() {}

    /** {@code document} as {@code patch} leaves it. */
    public static JsonStructure by(String patch, String document) {
        return Json.createPatch(read(patch).asJsonArray()).apply(read(document));
    }

    public static JsonStructure read(String text) {
        try (var reader = Json.createReader(new StringReader(text))) {
            return reader.read();
        }
    }
}
