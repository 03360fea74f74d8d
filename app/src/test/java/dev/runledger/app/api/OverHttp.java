package dev.runledger.app.api;

import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.MetaData;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The whole application on a port, one for all tests; each test has a namespace of its own. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class OverHttp {

    @LocalServerPort
    private int port;

    @Autowired
    private EventLog log;

    @Autowired
    private EventStore events;

    protected String namespace = "";
    protected Ledger ledger = Ledger.at(0);

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        SharedDatabase.describeTo(registry);
    }

    @BeforeEach
    void beInANamespaceOfItsOwn() {
        namespace = "t-" + UUID.randomUUID();
        ledger = Ledger.at(port).in(namespace);
    }

    /** Where the log ends, of all namespaces. */
    protected long head() {
        return log.head().position();
    }

    /** Removes the contents of an execution for good, as far as the log is concerned. */
    protected long erase(String executionId) {
        var id = new ExecutionId(namespace, UUID.fromString(executionId));
        events.publish(List.of(new GenericDomainEventMessage<>(
                "Execution",
                id.toString(),
                ledger.events(executionId).size(),
                new ExecutionEvent.ExecutionErased("asked for"),
                MetaData.with("actor", "tests"),
                UUID.randomUUID().toString(),
                Instant.now())));
        return head();
    }

    private static final class SharedDatabase {

        private static final TestDatabase DATABASE = TestDatabase.fresh();

        static void describeTo(DynamicPropertyRegistry registry) {
            registry.add("spring.datasource.url", DATABASE::url);
            registry.add("spring.datasource.username", DATABASE::applicationUser);
            registry.add("spring.datasource.password", DATABASE::applicationPassword);
            registry.add("runledger.owner.username", DATABASE::ownerUser);
            registry.add("runledger.owner.password", DATABASE::ownerPassword);
        }
    }
}
