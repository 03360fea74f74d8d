package dev.runledger.app.database;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param owner login that owns the schemas; null or without a username where the application's login does
 * @param startTimeout how long start-up waits for a database that is away
 */
@ConfigurationProperties("runledger")
record DatabaseProperties(
        @Nullable Owner owner, @DefaultValue("60s") Duration startTimeout) {

    record Owner(@Nullable String username, @Nullable String password) {}

    @Nullable
    OwnerLogin ownerLogin() {
        if (owner == null || owner.username() == null || owner.username().isBlank()) {
            return null;
        }
        return new OwnerLogin(owner.username(), owner.password() == null ? "" : owner.password());
    }
}
