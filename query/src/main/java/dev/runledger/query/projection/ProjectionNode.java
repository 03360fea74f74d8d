package dev.runledger.query.projection;

import java.lang.management.ManagementFactory;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Tells this process from every other one that shares the database. */
@Component
final class ProjectionNode {

    private final String id = ManagementFactory.getRuntimeMXBean().getName() + "/" + UUID.randomUUID();

    String id() {
        return id;
    }
}
