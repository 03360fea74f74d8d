package dev.runledger.app;

import dev.runledger.app.audit.VerifyRun;
import dev.runledger.app.replay.ReplayRun;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
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

    private static final String USAGE = """
            Usage: java -jar runledger.jar [--SETTING=VALUE ...]    starts the server
                   java -jar runledger.jar verify [...]             checks the log; verify -h tells more
                   java -jar runledger.jar replay [...]             folds the log elsewhere; replay -h tells more
            """;

    public static void main(String[] arguments) {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "-h", "--help" -> System.out.print(USAGE);
            case "verify" -> System.exit(VerifyRun.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
            case "replay" -> System.exit(ReplayRun.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
            default -> {
                var refusal = refusal(arguments);
                if (refusal != null) {
                    System.err.println(refusal);
                    System.exit(2);
                }
                SpringApplication.run(RunledgerApplication.class, arguments);
            }
        }
    }

    /** Why no server starts with these arguments; null when one does. A misspelt check is not to become a server. */
    static @Nullable String refusal(String... arguments) {
        return Arrays.stream(arguments)
                .filter(argument -> !argument.startsWith("--"))
                .findFirst()
                .map(unknown -> "Unknown argument: " + unknown + "\n\n" + USAGE)
                .orElse(null);
    }
}
