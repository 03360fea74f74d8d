package dev.runledger.app.api;

import java.util.ArrayList;
import java.util.List;

/** The lines of batches. */
public final class Lines {

    private Lines() {}

    /** The line of a command on {@code id}; {@code more} are its other members, in single quotes. */
    public static String line(String command, String id, String more) {
        return Ledger.json("{'command': '" + command + "', 'executionId': '" + id + "'"
                + (more.isEmpty() ? "" : ", " + more) + "}");
    }

    /** A run whose steps fail, are tried again and iterate; each line has a commandId. */
    public static List<String> eventfulRun(String id) {
        var commands = new String[][] {
            {"StartExecution", "'workflow': 'w', 'input': {'n': 1.10}"},
            {"ScheduleStep", "'stepId': 'later', 'dependsOn': ['a/1']"},
            {"StartStep", "'stepId': 'a/1', 'maxRetries': 2"},
            {"FailStep", "'stepId': 'a/1', 'error': {'message': 'one'}"},
            {"StartStep", "'stepId': 'a/1'"},
            {"FailStep", "'stepId': 'a/1', 'error': {'message': 'two'}"},
            {"StartStep", "'stepId': 'a/1'"},
            {"CompleteStep", "'stepId': 'a/1', 'output': {'n': 1}"},
            {"StartStep", "'stepId': 'a/1', 'iteration': 2"},
            {"CompleteStep", "'stepId': 'a/1', 'iteration': 2"},
            {"RecordCheckpoint", "'state': {'k': 1}"},
            {"AmendExecution", "'tags': {'a': '1'}"},
            {"AmendExecution", "'tags': {'a': '2'}"},
            {"AmendExecution", "'tags': {'a': '1'}"},
            {"FailExecution", "'error': {'message': 'boom'}"},
            {"RetryExecution", ""},
            {"StartStep", "'stepId': 'later'"},
            {"TimeOutStep", "'stepId': 'later'"},
            {"RecordArtifact", "'type': 'log', 'name': 'x.log', 'stepId': 'later'"},
            {"SkipStep", "'stepId': 'never'"},
            {"CompleteExecution", "'output': {}"}
        };
        var lines = new ArrayList<String>();
        for (var command : commands) {
            var key = "'commandId': 'c" + lines.size() + "', 'occurredAt': '2026-01-01T00:00:00Z'";
            lines.add(line(command[0], id, command[1].isEmpty() ? key : key + ", " + command[1]));
        }
        return lines;
    }
}
