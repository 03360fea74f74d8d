package dev.runledger.eventstore;

import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whether a PostgreSQL server, as the application's login sees it, can keep the log's promises. */
public final class LogServer {

    private static final Logger logger = LoggerFactory.getLogger(LogServer.class);
    private static final int OLDEST_VERSION = 15_00_00;

    private LogServer() {}

    /**
     * To be called once, before the first append and after {@link EventLogMigrations#migrate}. Warns
     * when the login could undo the append-only trigger.
     *
     * @throws UnsuitableServerException saying what to change
     * @throws LogUnavailableException when the database is away
     */
    public static void check(DataSource dataSource) {
        Settings settings;
        try {
            settings =
                    JdbcClient.create(dataSource).sql("""
                            select current_setting('server_version_num')::int as version,
                              pg_is_in_recovery() as standby,
                              current_setting('synchronous_commit') as synchronous_commit,
                              current_setting('default_transaction_isolation') as isolation,
                              current_setting('server_encoding') as encoding,
                              pg_has_role(relowner, 'usage') as owner
                            from pg_class
                            where oid = 'event_log.event'::regclass
                            """).query(Settings.class).single();
        } catch (DataAccessException e) {
            throw Failures.ofReading(e);
        }
        settings.check();
        if (settings.owner()) {
            logger.warn("The application's login owns the event log: only a trigger, which it could drop, keeps it "
                    + "from changing events. Give the schema event_log to a login of its own.");
        }
    }

    /** What the server says of itself and of this login. */
    record Settings(
            int version, boolean standby, String synchronousCommit, String isolation, String encoding, boolean owner) {

        void check() {
            if (version < OLDEST_VERSION) {
                throw new UnsuitableServerException(
                        "the event log needs PostgreSQL 15 or later, this is " + version / 1_00_00);
            }
            if (standby) {
                throw new UnsuitableServerException(
                        "this PostgreSQL server is a standby: it takes no events, and shows them in another order");
            }
            if (synchronousCommit.equals("off")) {
                throw new UnsuitableServerException(
                        "synchronous_commit is off: a confirmed event could be lost. Set it on for this login");
            }
            if (!isolation.equals("read committed")) {
                throw new UnsuitableServerException("default_transaction_isolation is " + isolation
                        + ": appends need read committed. Set it for this login");
            }
            if (!encoding.equals("UTF8")) {
                throw new UnsuitableServerException(
                        "the database's encoding is " + encoding + ": the event log needs UTF8");
            }
        }
    }
}
