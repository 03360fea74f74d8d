package dev.runledger.command.execution;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * How much memory is for executions to decide from.
 *
 * @param size about so much; null means an eighth of the largest heap
 */
@ConfigurationProperties("runledger.execution-cache")
record ExecutionCacheProperties(@Nullable DataSize size) {

    long bytes() {
        return size == null ? Runtime.getRuntime().maxMemory() / 8 : size.toBytes();
    }
}
