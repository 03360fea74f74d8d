package dev.runledger.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the server with every module below {@code dev.runledger}. */
@SpringBootApplication(scanBasePackages = "dev.runledger")
@ConfigurationPropertiesScan("dev.runledger")
public class RunledgerApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(RunledgerApplication.class, arguments);
    }
}
