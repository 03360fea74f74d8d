package dev.runledger.app.security;

import dev.runledger.app.startup.StartRefused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The one static key. Only its digest is kept, and comparing takes the same time whatever is offered. */
final class ApiKey {

    static final int SHORTEST = 16;

    private final byte[] digest;

    private ApiKey(byte[] digest) {
        this.digest = digest;
    }

    /** @throws StartRefused if the key is blank, shorter than 16 characters, or cannot be sent in a header */
    static ApiKey of(String text) {
        if (text.isBlank()) {
            throw new StartRefused("RUNLEDGER_API_KEY (runledger.api-key) is set but blank: give it a key of at least "
                    + SHORTEST + " characters, or remove it.");
        }
        if (text.length() < SHORTEST) {
            throw new StartRefused("RUNLEDGER_API_KEY (runledger.api-key) has " + text.length()
                    + " characters: it needs at least " + SHORTEST + ".");
        }
        if (!text.chars().allMatch(character -> character > ' ' && character < 0x7f)) {
            throw new StartRefused("RUNLEDGER_API_KEY (runledger.api-key) holds characters that no Authorization header"
                    + " carries: use visible ASCII characters without blanks.");
        }
        return new ApiKey(digest(text));
    }

    boolean matches(String offered) {
        return MessageDigest.isEqual(digest, digest(offered));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
