package dev.runledger.eventstore;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How often in a row a writer came second at which streams; not safe for use by several threads at once. */
final class Overtakings {

    /** Twice may be chance, and costs little. */
    static final int MANY = 3;

    static final int MAX_STREAMS = 1_000;

    private final Map<StreamId, Integer> inARow = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<StreamId, Integer> eldest) {
            return size() > MAX_STREAMS;
        }
    };

    /**
     * Takes what one group met.
     *
     * @param overtaken streams at which appends of the group came second
     * @param appended  streams to which others were appended, of which the writer's own came first
     * @return the stream at which the writer has come second most often, and {@link #MANY} times at least
     */
    @Nullable
    StreamId add(Set<StreamId> overtaken, Set<StreamId> appended) {
        if (!inARow.isEmpty()) {
            appended.forEach(inARow::remove);
        }
        StreamId most = null;
        int times = MANY - 1;
        for (StreamId stream : overtaken) {
            if (!appended.contains(stream)) {
                int now = inARow.merge(stream, 1, Integer::sum);
                if (now > times) {
                    most = stream;
                    times = now;
                }
            }
        }
        return most;
    }

    /** Of how many streams it knows. */
    int size() {
        return inARow.size();
    }
}
