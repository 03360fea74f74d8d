package dev.runledger.eventstore;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Where the events that a unit of work appended to one stream are. Events of one append to one stream
 * have contiguous positions that end at {@code lastPosition}.
 *
 * @param lastVersion  of the stream's newest event
 * @param lastPosition of that event in the log
 */
public record AppendReceipt(StreamId stream, long lastVersion, long lastPosition) {

    private static final String RESOURCE = AppendReceipt.class.getName();

    /**
     * The receipt of the newest append in the unit of work, its parents or children; empty when it
     * appended nothing. The events are durable as soon as there is a receipt.
     */
    public static Optional<AppendReceipt> of(UnitOfWork<?> unitOfWork) {
        Map<StreamId, AppendReceipt> receipts = unitOfWork.root().getResource(RESOURCE);
        return receipts == null ? Optional.empty() : receipts.values().stream().reduce((older, newer) -> newer);
    }

    /** As {@link #of(UnitOfWork)}, for one of several streams. */
    public static Optional<AppendReceipt> of(UnitOfWork<?> unitOfWork, StreamId stream) {
        Map<StreamId, AppendReceipt> receipts = unitOfWork.root().getResource(RESOURCE);
        return receipts == null ? Optional.empty() : Optional.ofNullable(receipts.get(stream));
    }

    static void leave(Iterable<AppendReceipt> appended) {
        if (!CurrentUnitOfWork.isStarted()) {
            return;
        }
        Map<StreamId, AppendReceipt> receipts = CurrentUnitOfWork.get()
                .root()
                .getOrComputeResource(RESOURCE, key -> new LinkedHashMap<StreamId, AppendReceipt>());
        for (AppendReceipt receipt : appended) {
            receipts.remove(receipt.stream());
            receipts.put(receipt.stream(), receipt);
        }
    }
}
