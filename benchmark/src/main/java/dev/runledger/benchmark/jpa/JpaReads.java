package dev.runledger.benchmark.jpa;

import dev.runledger.benchmark.load.Orders;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Spring Data JPA over the ledger's read tables, on the same web server with the same kind of threads. */
@SpringBootApplication
public class JpaReads {

    public static void main(String[] arguments) throws Exception {
        var application = new SpringApplicationBuilder(JpaReads.class)
                .properties(Map.of(
                        "spring.jpa.open-in-view", "false",
                        "spring.jpa.hibernate.ddl-auto", "none",
                        "spring.threads.virtual.enabled", "true",
                        "server.address", "127.0.0.1"));
        try (var context = application.run(arguments)) {
            Orders.serve(Map.of());
        }
    }
}
