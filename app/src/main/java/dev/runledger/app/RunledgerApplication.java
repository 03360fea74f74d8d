package dev.runledger.app;

import dev.runledger.app.audit.VerifyRun;
import dev.runledger.app.replay.ReplayRun;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * Starts the server with every module below {@code dev.runledger}; with {@code verify} first, checks the log and ends,
 * with {@code replay}, folds it into tables of their own and ends.
 */
@SpringBootApplication(scanBasePackages = "dev.runledger")
@ConfigurationPropertiesScan("dev.runledger")
public class RunledgerApplication {

    public static void main(String[] arguments) {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "verify" -> System.exit(VerifyRun.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
            case "replay" -> System.exit(ReplayRun.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
            default -> SpringApplication.run(RunledgerApplication.class, arguments);
        }
    }
}
