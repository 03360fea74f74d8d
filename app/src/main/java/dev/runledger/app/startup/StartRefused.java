package dev.runledger.app.startup;

import org.jspecify.annotations.Nullable;

/**
 * The server cannot or must not start for a reason the operator can remedy. The message is one sentence for people; it
 * is printed without a stack trace and the process ends with exit code 1.
 */
public sealed class StartRefused extends RuntimeException permits FolderInUse {

    public StartRefused(String sentence) {
        this(sentence, null);
    }

    public StartRefused(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
