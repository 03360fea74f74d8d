package dev.runledger.eventstore;

import java.util.Map;
import java.util.Set;

/**
 * Which events of a stream to return.
 *
 * @param types        stored type names; empty means every type
 * @param payloadTexts fields at the top of the payload and the text that each must have; empty means
 *                     every payload. An erased event matches no field.
 */
public record EventFilter(Set<String> types, Map<String, String> payloadTexts) {

    /** Lets every event through. */
    public static final EventFilter ALL = new EventFilter(Set.of(), Map.of());

    public EventFilter {
        types = Set.copyOf(types);
        payloadTexts = Map.copyOf(payloadTexts);
    }

    boolean isAll() {
        return types.isEmpty() && payloadTexts.isEmpty();
    }
}
