package dev.runledger.app.embedded;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The two logins of the embedded database, with passwords of this run. The owner owns the database and is no superuser;
 * the application's login may connect to it and create schemas in it.
 */
record Logins(String url, String ownerPassword, String applicationPassword) {

    static final String OWNER = "runledger_owner";
    static final String APPLICATION = "runledger";
    private static final String DATABASE = "runledger";

    /** Creates what is missing; safe to repeat at every start. */
    static Logins prepare(EmbeddedPostgres postgres) throws IOException, SQLException {
        String server = "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/";
        var logins = new Logins(server + DATABASE, Cluster.randomPassword(), Cluster.randomPassword());
        try (Connection superuser = DriverManager.getConnection(
                server + "postgres", Cluster.SUPERUSER, postgres.cluster().superuserPassword())) {
            logins.createRoles(superuser);
            createDatabase(superuser);
        }
        return logins;
    }

    private void createRoles(Connection superuser) throws SQLException {
        setting(superuser, "runledger.owner_password", ownerPassword);
        setting(superuser, "runledger.application_password", applicationPassword);
        execute(superuser, """
                do $$
                begin
                    if not exists (select from pg_roles where rolname = 'runledger_owner') then
                        create role runledger_owner login;
                    end if;
                    if not exists (select from pg_roles where rolname = 'runledger') then
                        create role runledger login;
                    end if;
                    execute format('alter role runledger_owner password %L', current_setting('runledger.owner_password'));
                    execute format('alter role runledger password %L', current_setting('runledger.application_password'));
                end $$
                """);
    }

    private static void createDatabase(Connection superuser) throws SQLException {
        try (Statement statement = superuser.createStatement();
                var found = statement.executeQuery("select from pg_database where datname = 'runledger'")) {
            if (found.next()) {
                return;
            }
        }
        execute(superuser, "create database runledger owner runledger_owner");
        execute(superuser, "revoke all on database runledger from public");
        execute(superuser, "grant connect, temporary, create on database runledger to runledger");
    }

    private static void setting(Connection superuser, String name, String value) throws SQLException {
        try (PreparedStatement statement = superuser.prepareStatement("select set_config(?, ?, false)")) {
            statement.setString(1, name);
            statement.setString(2, value);
            statement.execute();
        }
    }

    private static void execute(Connection superuser, String sql) throws SQLException {
        try (Statement statement = superuser.createStatement()) {
            statement.execute(sql);
        }
    }
}
