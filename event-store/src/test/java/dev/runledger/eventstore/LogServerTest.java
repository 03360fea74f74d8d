package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.eventstore.LogServer.Settings;
import dev.runledger.eventstore.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class LogServerTest {

    @Test
    void isFineAsItComes() {
        try (TestDatabase database = TestDatabase.fresh()) {
            assertThatCode(() -> LogServer.check(database.application())).doesNotThrowAnyException();
            assertThatCode(() -> LogServer.check(database.owner())).doesNotThrowAnyException();
        }
    }

    @Test
    void isRefusedWhenSetToLoseOrBlockAppends() {
        try (TestDatabase database = TestDatabase.fresh()) {
            refused(database, "synchronous_commit=off", "synchronous_commit is off");
            refused(database, "default_transaction_isolation=serializable", "isolation is serializable");
        }
    }

    @Test
    void isRefusedAsAStandbyOrWhenTooOld() {
        assertThatThrownBy(() -> new Settings(180_006, true, "on", "read committed", "UTF8", false).check())
                .isInstanceOf(UnsuitableServerException.class)
                .hasMessageContaining("standby");
        assertThatThrownBy(() -> new Settings(140_022, false, "on", "read committed", "UTF8", false).check())
                .isInstanceOf(UnsuitableServerException.class)
                .hasMessageContaining("this is 14");
        assertThatThrownBy(() -> new Settings(180_006, false, "on", "read committed", "LATIN1", false).check())
                .isInstanceOf(UnsuitableServerException.class)
                .hasMessageContaining("LATIN1");
    }

    private static void refused(TestDatabase database, String option, String reason) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser(database.applicationUser());
        source.setPassword(database.applicationPassword());
        source.setOptions("-c " + option);
        assertThatThrownBy(() -> LogServer.check(source))
                .isInstanceOf(UnsuitableServerException.class)
                .hasMessageContaining(reason);
    }
}
