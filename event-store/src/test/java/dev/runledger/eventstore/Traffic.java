package dev.runledger.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;

/** Appends of many callers to some streams, one in eleven with a wrong version, and what each caller was told. */
final class Traffic {

    private static final int STREAMS = 60;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Queue<List<String>> unknown = new ConcurrentLinkedQueue<>();
    private final Map<StreamId, Long> hints = new ConcurrentHashMap<>();
    private final AtomicInteger appends = new AtomicInteger();

    /**
     * One append of one to three events; one in five within a unit of work that rolls back afterwards, which changes
     * nothing.
     */
    void appendTo(PostgresEventStorageEngine node, Random random) {
        StreamId stream = new StreamId("ns", "execution/" + random.nextInt(STREAMS));
        long version = hints.getOrDefault(stream, 0L) + 1 + random.nextInt(12) / 11;
        List<DomainEventMessage<?>> events = TestLog.events(stream, version, 1 + random.nextInt(3));
        List<String> ids =
                events.stream().<String>map(DomainEventMessage::getIdentifier).toList();
        Throwable failure = catchThrowable(() -> append(node, events, random.nextInt(5) == 0));
        switch (failure) {
            case null -> {
                acknowledged.addAll(ids);
                hints.merge(stream, version + events.size() - 1, Math::max);
                appends.incrementAndGet();
            }
            case LogUnavailableException e -> {
                if (e.outcomeUnknown()) {
                    unknown.add(ids);
                } else {
                    refused.addAll(ids);
                }
            }
            default -> {
                assertThat(failure).isInstanceOfAny(ConcurrencyException.class, AggregateStreamCreationException.class);
                refused.addAll(ids);
                long actual = ((VersionConflict) Objects.requireNonNull(failure.getCause())).actualVersion();
                hints.merge(stream, actual, Math::max);
            }
        }
    }

    private static void append(PostgresEventStorageEngine node, List<DomainEventMessage<?>> events, boolean rollsBack) {
        if (!rollsBack) {
            node.appendEvents(events);
            return;
        }
        var unitOfWork = DefaultUnitOfWork.startAndGet(events.getFirst());
        try {
            node.appendEvents(events);
        } finally {
            unitOfWork.rollback();
        }
    }

    /** How many appends were confirmed so far. */
    int confirmed() {
        return appends.get();
    }

    /** That each append is stored, once and as a whole, if its caller was told so, and only then. */
    void assertToldTheTruth(List<StoredEvent> stored) {
        Set<String> ids = new HashSet<>();
        for (StoredEvent event : stored) {
            assertThat(ids.add(event.eventId().toString())).isTrue();
        }
        assertThat(ids).containsAll(acknowledged).doesNotContainAnyElementsOf(refused);
        Set<String> expected = new HashSet<>(acknowledged);
        for (List<String> append : unknown) {
            if (ids.contains(append.getFirst())) {
                expected.addAll(append);
            }
        }
        assertThat(ids).isEqualTo(expected);
        assertThat(refused).isNotEmpty();
    }
}
