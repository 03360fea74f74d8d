package dev.runledger.eventstore;

import dev.runledger.eventstore.ChainVerifier.Range;
import dev.runledger.eventstore.TestLog.Noted;
import java.util.Map;
import java.util.Set;

/** A log in which {@code Noted} erases what is before it in its stream, and somebody who tampers with it. */
final class ErasableLog implements AutoCloseable {

    static final String ERASES = "Noted";

    final TestLog test = new TestLog();
    final Erasure erasure = new Erasure(test.database.application());
    final ChainVerifier verifier = new ChainVerifier(test.database.application(), Set.of(ERASES));

    ErasableLog() {
        EventLogMigrations.migrate(test.database.owner(), test.database.applicationUser(), Set.of(ERASES));
    }

    void append(StreamId stream, long firstVersion, int count) {
        test.engine.appendEvents(TestLog.events(stream, firstVersion, count));
    }

    /** Appends the event that erases the stream. */
    void appendErasing(StreamId stream, long version) {
        test.engine.appendEvents(TestLog.event(stream, version, new Noted("erased"), Map.of()));
    }

    Verification verify() {
        return verify(Range.ALL);
    }

    Verification verify(Range range) {
        return verifier.verify(range, (position, to, events) -> {});
    }

    Receipt receipt() {
        Head head = test.log.head();
        return new Receipt(head.position(), head.hash());
    }

    /** Does what no login may, as somebody could who owns the machine. */
    void tamper(String sql) {
        test.database.asSuperuser("alter table event_log.event disable trigger all; " + sql
                + "; alter table event_log.event enable always trigger event_refuses_update"
                + "; alter table event_log.event enable always trigger event_refuses_removal");
    }

    @Override
    public void close() {
        test.close();
    }
}
