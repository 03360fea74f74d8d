package dev.runledger.app.startup;

/** Another process holds the folder of the database. */
public final class FolderInUse extends StartRefused {

    public FolderInUse(String sentence) {
        super(sentence);
    }
}
