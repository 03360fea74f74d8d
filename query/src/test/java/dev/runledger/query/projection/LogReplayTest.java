package dev.runledger.query.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.EventLog;
import java.sql.Connection;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** Reading the log ahead of who folds it. */
@Timeout(30)
class LogReplayTest {

    private interface Opening {
        Connection open();
    }

    private static EventLog log(Opening opening) {
        return new EventLog(new AbstractDataSource() {
            @Override
            public Connection getConnection() {
                return opening.open();
            }

            @Override
            public Connection getConnection(String username, String password) {
                return opening.open();
            }
        });
    }

    @Test
    void handsOverWhateverEndsItAlsoAnError() throws Exception {
        var broken = log(() -> {
            throw new StackOverflowError("as when a payload is too deep");
        });
        try (var replay = new LogReplay(broken, Skips.NONE, 0, 10)) {
            var part = replay.take(() -> {});
            assertThat(part.failure()).isInstanceOf(StackOverflowError.class);
            assertThat(part.end()).isFalse();
        }
    }

    @Test
    void canBeGivenUpWhileItWaits() {
        var never = new CountDownLatch(1);
        var silent = log(() -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("interrupted");
        });
        try (var replay = new LogReplay(silent, Skips.NONE, 0, 10)) {
            assertThatThrownBy(() -> replay.take(() -> {
                        throw new IllegalStateException("cancelled");
                    }))
                    .hasMessage("cancelled");
        }
    }
}
