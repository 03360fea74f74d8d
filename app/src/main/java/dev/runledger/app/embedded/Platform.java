package dev.runledger.app.embedded;

import dev.runledger.app.startup.StartRefused;
import java.util.Locale;

/** The operating system and processor the server programs must be built for. */
record Platform(String system, String processor) {

    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Platform of(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String system = name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "darwin" : "linux";
        String processor = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> osArch;
        };
        return new Platform(system, processor);
    }

    /** Name of the class path resource that holds the programs. */
    String archive() {
        return "postgres-" + system + "-" + processor + ".txz";
    }

    String executable(String program) {
        return system.equals("windows") ? program + ".exe" : program;
    }

    StartRefused unsupported() {
        return new StartRefused("This build of Runledger carries no PostgreSQL for " + system + " on " + processor
                + ": set spring.datasource.url (or DATABASE_URL) to a PostgreSQL of yours.");
    }
}
