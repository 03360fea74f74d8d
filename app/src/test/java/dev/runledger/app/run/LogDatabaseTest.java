package dev.runledger.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of a run; nothing here connects. */
class LogDatabaseTest {

    private static final String TIMEOUT = "spring.datasource.hikari.connection-timeout";

    private static long connectionTimeout(String... settings) throws Exception {
        var all = Stream.concat(
                        Stream.of("--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none"), Stream.of(settings))
                .toList();
        try (var database = LogDatabase.open(all, List.of())) {
            return database.dataSource().unwrap(HikariDataSource.class).getConnectionTimeout();
        }
    }

    @Nested
    class TheWaitForAConnection {

        @Test
        void isLongerThanThatOfARequest() throws Exception {
            assertThat(connectionTimeout()).isEqualTo(10_000);
        }

        @Test
        void isWhatAnArgumentSays() throws Exception {
            assertThat(connectionTimeout("--" + TIMEOUT + "=3000")).isEqualTo(3_000);
        }

        @Test
        void isWhatTheSurroundingsOfTheProcessSay() throws Exception {
            System.setProperty(TIMEOUT, "4000");
            try {
                assertThat(connectionTimeout()).isEqualTo(4_000);
            } finally {
                System.clearProperty(TIMEOUT);
            }
        }

        @Test
        void isWhatAFileOfTheOperatorsSays(@TempDir Path folder) throws Exception {
            var file = Files.writeString(folder.resolve("own.properties"), TIMEOUT + "=5000");

            assertThat(connectionTimeout("--spring.config.additional-location=file:" + file))
                    .isEqualTo(5_000);
        }
    }
}
