package dev.runledger.benchmark;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The read tables with as many executions as asked for. The first 10,000 come through the ledger; their rows are then
 * copied by SQL under new ids, each copy seven minutes earlier, because queries cannot tell and folding as many takes
 * minutes.
 */
final class ReadTables {

    private static final int THROUGH_THE_LEDGER = 10_000;

    private ReadTables() {}

    /** Ids of the executions, in no order. */
    static List<UUID> filled(Lab lab) throws IOException, SQLException, InterruptedException {
        if (lab.postgres()
                        .number(
                                Lab.LEDGER,
                                "select count(*) from read_model.executions where workflow like 'benchmark-%'")
                == 0) {
            Report.progress("filling the read tables with " + lab.arguments().rows() + " executions");
            var runs = Runs.shortExecutions(
                    Math.min(THROUGH_THE_LEDGER, lab.arguments().rows()));
            BatchUpload.send(lab.ledger().port(), runs.copies(1));
            lab.settle();
            copy(lab);
        }
        return ids(lab);
    }

    private static void copy(Lab lab) throws SQLException {
        try (var connection = lab.postgres().superuser(Lab.LEDGER)) {
            connection.setAutoCommit(false);
            Postgres.execute(connection, """
                    create temp table template as
                    select *
                    from read_model.executions
                    where workflow like 'benchmark-%'
                    """);
            for (var n = 1; n < lab.arguments().rows() / THROUGH_THE_LEDGER; n++) {
                copy(connection, n);
                connection.commit();
            }
            connection.setAutoCommit(true);
            Postgres.execute(connection, "vacuum (analyze) read_model.executions");
            Postgres.execute(connection, "checkpoint");
        }
    }

    private static void copy(Connection connection, int number) throws SQLException {
        Postgres.execute(connection, """
                create temp table copied as
                select *
                from template
                """);
        try (var update = connection.prepareStatement("""
                update copied
                set execution_id = gen_random_uuid(),
                  created_at = created_at - ? * interval '7 minutes',
                  started_at = started_at - ? * interval '7 minutes',
                  ended_at = ended_at - ? * interval '7 minutes'
                """)) {
            update.setInt(1, number);
            update.setInt(2, number);
            update.setInt(3, number);
            update.executeUpdate();
        }
        Postgres.execute(connection, """
                insert into read_model.executions
                select *
                from copied
                """);
        Postgres.execute(connection, "drop table copied");
    }

    private static List<UUID> ids(Lab lab) throws SQLException {
        var ids = new ArrayList<UUID>(lab.arguments().rows());
        try (var connection = lab.postgres().superuser(Lab.LEDGER);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        select execution_id
                        from read_model.executions
                        where workflow like 'benchmark-%'
                        """)) {
            while (rows.next()) {
                ids.add(rows.getObject(1, UUID.class));
            }
        }
        return ids;
    }
}
