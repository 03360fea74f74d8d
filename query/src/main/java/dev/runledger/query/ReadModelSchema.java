package dev.runledger.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes the tables of the read model, which come back by replaying the log. */
@Component
public class ReadModelSchema {

    /** Raised with every change of the script or of the fold: tables of another version are replaced at start. */
    static final String CODE_VERSION = "2";

    /** The name of the projection's token. */
    public static final String PROJECTION = "read-model";

    private static final String UNDEFINED_TABLE = "42P01";

    private static final Logger log = LoggerFactory.getLogger(ReadModelSchema.class);

    /** Names this piece of work among the database's advisory locks. */
    private static final long LOCK = 0x72756e6c65646772L;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    ReadModelSchema(JdbcClient jdbc, PlatformTransactionManager transactionManager) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactionManager);
    }

    /**
     * Leaves the tables of this code version behind, whatever was there before; other nodes wait.
     *
     * @param head where the log ends: made anew, the tables are shown from there on
     * @return whether they were made anew
     */
    public boolean ensure(long head) {
        return Objects.requireNonNull(transaction.execute(ignored -> {
            jdbc.sql("select pg_advisory_xact_lock(:lock)")
                    .param("lock", LOCK)
                    .query()
                    .listOfRows();
            if (isCurrent()) {
                return false;
            }
            jdbc.sql("drop schema if exists read_model cascade").update();
            jdbc.sql(script()).update();
            jdbc.sql("""
                    insert into read_model.schema_version (id, code_version, replay_to)
                    values (1, :codeVersion, :head)
                    """).param("codeVersion", CODE_VERSION).param("head", head).update();
            jdbc.sql("""
                    insert into read_model.projection_token (name, position, owner, claimed_at)
                    values (:name, 0, null, clock_timestamp())
                    """).param("name", PROJECTION).update();
            log.info("the tables of the read model are made anew and replay the log up to position {}", head);
            return true;
        }));
    }

    /** Whether a statement failed because the tables are not there. */
    public static boolean isMissing(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && UNDEFINED_TABLE.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private boolean isCurrent() {
        var exists = jdbc.sql("select to_regclass('read_model.schema_version') is not null")
                .query(Boolean.class)
                .single();
        return exists
                && jdbc.sql("select code_version from read_model.schema_version")
                        .query(String.class)
                        .optional()
                        .filter(CODE_VERSION::equals)
                        .isPresent();
    }

    private static String script() {
        try (var in = new ClassPathResource("read-model.sql", ReadModelSchema.class).getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
