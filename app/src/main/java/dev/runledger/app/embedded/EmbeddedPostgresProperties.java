package dev.runledger.app.embedded;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param port port of 127.0.0.1 the embedded server listens on; 0 takes a free one at each start
 * @param create whether a database is made where there is none
 * @param watchInterval how often to look whether it still runs
 */
@ConfigurationProperties("runledger.embedded")
record EmbeddedPostgresProperties(
        @DefaultValue("0") int port,
        @DefaultValue("true") boolean create,
        @DefaultValue("500ms") Duration watchInterval) {}
