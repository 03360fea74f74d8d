package dev.runledger.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The tables of the read model, which come back by replaying the log. Those in the schema {@code read_model} always
 * hold everything up to their token: tables that are not that far are made in {@code read_model_next} and renamed.
 */
@Component
public class ReadModelSchema {

    /** Raised with every change of the scripts or of the fold: tables of another version are replaced. */
    public static final String CODE_VERSION = "3";

    /** The name of the projection's token. */
    public static final String PROJECTION = "read-model";

    /** Every table whose rows come from events. */
    public static final List<String> TABLES = List.of(
            "executions", "execution_tags", "execution_states", "steps", "step_attempts", "artifacts", "checkpoints");

    /** Undefined table, undefined column, undefined schema. */
    private static final Set<String> NOT_THERE = Set.of("42P01", "42703", "3F000");

    private static final Logger log = LoggerFactory.getLogger(ReadModelSchema.class);

    /** Names this piece of work among the database's advisory locks. */
    private static final long LOCK = 0x72756e6c65646772L;

    private final JdbcClient jdbc;
    private final JdbcTemplate statements;
    private final TransactionTemplate transaction;

    ReadModelSchema(JdbcClient jdbc, JdbcTemplate statements, PlatformTransactionManager transactionManager) {
        this.jdbc = jdbc;
        this.statements = statements;
        this.transaction = new TransactionTemplate(transactionManager);
    }

    /**
     * Whether the tables are there, all of them and as this code makes them. Otherwise a rebuild has to make them;
     * where there is nothing at all and the log is empty they are made here, and other nodes wait.
     *
     * @param head where the log ends
     */
    public boolean ensure(long head) {
        return isCurrent() || head == 0 && createBesideTheLog();
    }

    private boolean createBesideTheLog() {
        return Objects.requireNonNull(transaction.execute(ignored -> {
            jdbc.sql("select pg_advisory_xact_lock(:lock)")
                    .param("lock", LOCK)
                    .query()
                    .listOfRows();
            if (jdbc.sql("select to_regnamespace('read_model') is not null")
                    .query(Boolean.class)
                    .single()) {
                return isCurrent();
            }
            statements.execute("create schema read_model");
            statements.execute("set local search_path = read_model");
            createTables(statements);
            indexes().forEach(statements::execute);
            jdbc.sql("""
                    insert into projection_token (name, position, code_version, indexed, claimed_at)
                    values (:name, 0, :codeVersion, true, clock_timestamp())
                    """)
                    .param("name", PROJECTION)
                    .param("codeVersion", CODE_VERSION)
                    .update();
            log.info("the tables of the read model are made with the log");
            return true;
        }));
    }

    /** Whether the tables are there, all of them and as this code makes them. */
    public boolean isCurrent() {
        var there = jdbc.sql("""
                        select count(*)
                        from pg_class
                        where relnamespace = to_regnamespace('read_model')
                          and relname = any(:tables)
                        """)
                .param("tables", TABLES.toArray(String[]::new))
                .query(Integer.class)
                .single();
        if (there < TABLES.size()) {
            return false;
        }
        try {
            return jdbc.sql("""
                            select code_version
                            from read_model.projection_token
                            where name = :name
                              and indexed
                            """)
                    .param("name", PROJECTION)
                    .query(String.class)
                    .optional()
                    .filter(CODE_VERSION::equals)
                    .isPresent();
        } catch (InvalidDataAccessResourceUsageException e) {
            if (isMissing(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Whether the tables are there as newer code makes them, which older code must not undo by itself. */
    public boolean isOfNewerCode() {
        try {
            return jdbc.sql("""
                            select exists (
                              select
                              from read_model.projection_token
                              where name = :name
                                and code_version::integer > :codeVersion::integer)
                            """)
                    .param("name", PROJECTION)
                    .param("codeVersion", CODE_VERSION)
                    .query(Boolean.class)
                    .single();
        } catch (InvalidDataAccessResourceUsageException e) {
            if (isMissing(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Makes the tables, without rows and without their indexes, where the connection's search path leads. */
    public static void createTables(JdbcTemplate jdbc) {
        jdbc.execute(script("read-model.sql"));
    }

    /** The statements that make the indexes of the tables where the search path leads; each may be repeated. */
    public static List<String> indexes() {
        var withoutComments = script("read-model-indexes.sql")
                .lines()
                .filter(line -> !line.startsWith("--"))
                .map(String::strip)
                .collect(Collectors.joining(" "));
        return Arrays.stream(withoutComments.split(";", -1))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    /** All of {@link #indexes}, in the order of {@code tables}; what seems to be of none of them comes last. */
    public static List<String> indexes(List<String> tables) {
        return ordered(indexes(), tables);
    }

    static List<String> ordered(List<String> statements, List<String> tables) {
        var left = new ArrayList<>(statements);
        var ordered = new ArrayList<String>();
        for (var table : tables) {
            var ofTable = left.stream()
                    .filter(statement -> statement.contains(" on " + table + " "))
                    .toList();
            ordered.addAll(ofTable);
            left.removeAll(ofTable);
        }
        ordered.addAll(left);
        return ordered;
    }

    /** Whether a statement failed because the tables are not there, or not as this code makes them. */
    public static boolean isMissing(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && NOT_THERE.contains(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static String script(String name) {
        try (var in = new ClassPathResource(name, ReadModelSchema.class).getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
