package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.eventstore.testing.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Rows in binary against what PostgreSQL shows of them. */
class ColumnsTest {

    private static final String INSERT = """
            insert into sample (id, name, content, at, large, small, truth)
            select r.id, r.name, r.content::json, r.at, r.large, r.small, r.truth
            from unnest(?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::bigint[], ?::integer[], ?::boolean[])
              as r(id, name, content, at, large, small, truth)
            """;

    private static final String COPY = """
            copy sample (id, name, content, at, large, small, truth)
            from stdin (format binary)
            """;

    private static final Columns<Sample> ROW = new Columns<Sample>()
            .uuid(Sample::id)
            .text(Sample::name)
            .json(Sample::content)
            .time(Sample::at)
            .bigint(Sample::large)
            .integer(Sample::small)
            .bool(Sample::truth);

    private static TestDatabase database;
    private static JdbcTemplate jdbc;

    private record Sample(
            UUID id,
            @Nullable String name,
            @Nullable Json content,
            @Nullable Instant at,
            @Nullable Long large,
            @Nullable Integer small,
            boolean truth) {

        String shown() {
            return id + "|" + name + "|" + content + "|" + EventJson.formatted(at) + "|" + large + "|" + small + "|"
                    + truth;
        }
    }

    @BeforeAll
    static void open() throws Exception {
        database = TestDatabase.fresh();
        jdbc = new JdbcTemplate(
                new SingleConnectionDataSource(database.application().getConnection(), true));
        jdbc.execute("""
                create temp table sample (
                  id uuid primary key, name text, content json, at timestamptz, large bigint, small integer,
                  truth boolean)
                """);
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static List<String> shown() {
        return jdbc.query(
                "select id, name, content, at, large, small, truth from sample order by id::text",
                (row, number) -> new Sample(
                                row.getObject("id", UUID.class),
                                row.getString("name"),
                                Columns.json(row, "content"),
                                Columns.time(row, "at"),
                                Columns.bigint(row, "large"),
                                Columns.integer(row, "small"),
                                row.getBoolean("truth"))
                        .shown());
    }

    private static List<Sample> samples(int copies) {
        var samples = new ArrayList<Sample>();
        for (var n = 0; n < copies; n++) {
            samples.add(new Sample(new UUID(n, 1), null, null, null, null, null, false));
            samples.add(new Sample(
                    new UUID(n, 2),
                    "né 漢字 😀 \"quoted\" {braces} \\ NULL",
                    Json.of("{\"a\": [1.50, null]}"),
                    Instant.parse("2026-02-28T23:59:59.123456Z"),
                    Long.MIN_VALUE,
                    Integer.MAX_VALUE,
                    true));
            samples.add(new Sample(
                    new UUID(n, 3),
                    "",
                    Json.of("\"" + "x".repeat(100_000) + "\""),
                    Instant.parse("1969-12-31T23:59:59.999999Z"),
                    0L,
                    -1,
                    true));
            samples.add(new Sample(
                    new UUID(n, 4), "NULL", Json.of("null"), Instant.parse("9999-12-31T23:59:59Z"), 1L, 0, false));
        }
        return samples;
    }

    private static void areWritten(List<Sample> samples) {
        jdbc.execute("truncate sample");
        ROW.insert(jdbc, INSERT, COPY, samples);
        assertThat(shown())
                .containsExactlyInAnyOrderElementsOf(
                        samples.stream().map(Sample::shown).toList());
    }

    @Test
    void fewRowsAreWrittenAsTheyAre() {
        areWritten(samples(2));
    }

    @Test
    void manyRowsAreWrittenAsTheyAre() {
        areWritten(samples(50));
    }

    @Test
    void aTimeThatTheServerCannotKeepIsRefused() {
        for (var time : List.of(Instant.MAX, Instant.MIN, Instant.parse("-5000-01-01T00:00:00Z"))) {
            for (var copies : List.of(1, 100)) {
                jdbc.execute("truncate sample");
                var rows = new ArrayList<Sample>();
                for (var n = 0; n < copies; n++) {
                    rows.add(new Sample(new UUID(n, 1), null, null, time, null, null, false));
                }
                assertThatThrownBy(() -> ROW.insert(jdbc, INSERT, COPY, rows))
                        .isInstanceOf(DataIntegrityViolationException.class);
            }
        }
    }

    @Test
    void aRowThatIsThereIsRefusedAndTheConnectionStaysUsable() {
        var samples = samples(50);
        areWritten(samples);
        assertThatThrownBy(() -> ROW.insert(jdbc, INSERT, COPY, samples)).isInstanceOf(DuplicateKeyException.class);
        assertThat(shown()).hasSameSizeAs(samples);
    }

    @Test
    void aRowThatCannotBeMadeLeavesTheConnectionUsable() {
        jdbc.execute("truncate sample");
        var broken = new Columns<Sample>().uuid(Sample::id).text(sample -> {
            throw new IllegalStateException("no name");
        });
        assertThatThrownBy(() ->
                        broken.insert(jdbc, INSERT, "copy sample (id, name) from stdin (format binary)", samples(50)))
                .hasMessage("no name");
        assertThat(shown()).isEmpty();
    }
}
