package dev.runledger.command.execution;

import java.util.List;

/**
 * The outcomes of an {@link ApplyCommands}, one for each submission in the order given. Whoever holds one may answer:
 * every event behind it is durable.
 */
public record AppliedCommands(List<Outcome> outcomes) {}
