package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;

/** The fold against SQL that knows nothing of it. */
class SqlOracleTest {

    private static String script() throws IOException {
        try (var in = new ClassPathResource("read-model-by-sql.sql", SqlOracleTest.class).getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The rows of a table, their JSON with every digit but without blanks and in the order of the keys. */
    private static List<String> rows(ReadSide readSide, String schema, String table) {
        return readSide.jdbc()
                .sql("select (to_jsonb(t) - 'hash')::text from " + schema + "." + table + " t order by 1")
                .query((row, number) -> Objects.requireNonNull(row.getString(1)))
                .list();
    }

    @Test
    void theTablesHoldWhatSqlAloneMakesOfTheLog() throws Exception {
        try (var readSide = ReadSide.fresh()) {
            new RandomLives(11).live(readSide, 1_000);
            readSide.settle();
            readSide.bean(JdbcTemplate.class).execute(script());
            // As the login that made them, on a log whose statistics are known.
            readSide.database().asSuperuser("analyze event_log.event");
            for (var table : ReadModelSchema.TABLES) {
                readSide.bean(JdbcTemplate.class)
                        .execute("create table by_sql." + table + "_rows as select * from by_sql." + table);
                var expected = rows(readSide, "by_sql", table + "_rows");
                var actual = rows(readSide, "read_model", table);
                assertThat(actual).as(table).hasSameSizeAs(expected);
                for (var i = 0; i < actual.size(); i++) {
                    assertThat(actual.get(i)).as(table).isEqualTo(expected.get(i));
                }
            }
        }
    }
}
