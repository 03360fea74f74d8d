package dev.runledger.app.database;

/** The login that owns the schemas and runs their migrations. */
public record OwnerLogin(String username, String password) {

    @Override
    public String toString() {
        return "OwnerLogin[" + username + "]";
    }
}
