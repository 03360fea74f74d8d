package dev.runledger.query.past;

import dev.runledger.events.execution.ExecutionView;
import dev.runledger.query.AsOf;

/**
 * An execution as it was.
 *
 * @param moment that was asked for
 * @param asOf the last of the events that {@code view} is folded from
 */
public record Past(Moment moment, ExecutionView view, AsOf asOf) {}
