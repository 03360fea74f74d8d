package dev.runledger.app.database;

import dev.runledger.app.startup.StartRefused;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A database address as platforms hand it out: {@code postgres://user:password@host:port/database?parameters},
 * {@code postgresql://…}, or {@code jdbc:postgresql://…} as it is.
 *
 * @param jdbcUrl without the login
 * @param username null where the address names none
 * @param password null where the address names none
 */
record DatabaseUrl(
        String jdbcUrl, @Nullable String username, @Nullable String password) {

    private static final String JDBC = "jdbc:postgresql:";
    private static final Pattern ADDRESS = Pattern.compile(
            "postgres(?:ql)?://(?:(?<login>[^/?#]*)@)?(?<hosts>[^/?#@]+)(?<rest>(?:/[^?#]*)?(?:\\?[^#]*)?)");

    /** @throws StartRefused if the text is no such address; the message does not repeat it, it may hold a password */
    static DatabaseUrl parse(String text) {
        String address = text.strip();
        if (address.startsWith(JDBC)) {
            return new DatabaseUrl(address, null, null);
        }
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches()) {
            throw new StartRefused("DATABASE_URL is no address of a PostgreSQL database: write"
                    + " postgres://user:password@host:port/database or jdbc:postgresql://host:port/database.");
        }
        String rest = parts.group("rest");
        String jdbcUrl = JDBC + "//" + parts.group("hosts") + (rest.startsWith("/") ? rest : "/" + rest);
        String login = parts.group("login");
        if (login == null) {
            return new DatabaseUrl(jdbcUrl, null, null);
        }
        int colon = login.indexOf(':');
        return colon < 0
                ? new DatabaseUrl(jdbcUrl, decoded(login), null)
                : new DatabaseUrl(jdbcUrl, decoded(login.substring(0, colon)), decoded(login.substring(colon + 1)));
    }

    /** Percent signs only: a plus sign in a password is a plus sign. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new StartRefused("DATABASE_URL has a % in its login that starts no two-digit code: write % as %25.");
        }
    }

    @Override
    public String toString() {
        return "DatabaseUrl[" + username + "]";
    }
}
