package dev.runledger.command.execution;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.StringArgGenerator;
import com.fasterxml.uuid.impl.NameBasedGenerator;
import dev.runledger.events.execution.ExecutionId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids that follow from content (UUIDv5, RFC 9562 §5.5), so that saying the same again finds the first. */
public final class ContentIds {

    /** The namespace of every id that is made here: UUIDv5 of the DNS namespace and {@code runledger.dev}. */
    private static final UUID ROOT = generator(NameBasedGenerator.NAMESPACE_DNS).generate("runledger.dev");

    private ContentIds() {}

    /** The id of an execution that was created with {@code commandId} and without an id of its own. */
    public static UUID execution(String namespace, String commandId) {
        return of("execution", namespace, commandId);
    }

    /** The id of an artifact that was recorded without one. */
    public static UUID artifact(
            ExecutionId execution,
            @Nullable String stepId,
            @Nullable Integer iteration,
            String type,
            String name,
            @Nullable String uriOrPath) {
        return of("artifact", execution.toString(), stepId, iteration, type, name, uriOrPath);
    }

    /** The id of a checkpoint that was recorded with {@code commandId} and without an id of its own. */
    public static UUID checkpoint(ExecutionId execution, String commandId) {
        return of("checkpoint", execution.toString(), commandId);
    }

    /** Lengths keep the parts apart; an absent part differs from an empty one. */
    private static UUID of(@Nullable Object... parts) {
        var name = new StringBuilder();
        for (var part : parts) {
            if (part == null) {
                name.append("-:");
            } else {
                var text = part.toString();
                name.append(text.length()).append(':').append(text);
            }
        }
        return generator(ROOT).generate(name.toString());
    }

    private static StringArgGenerator generator(UUID namespace) {
        try {
            return Generators.nameBasedGenerator(namespace, MessageDigest.getInstance("SHA-1"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
