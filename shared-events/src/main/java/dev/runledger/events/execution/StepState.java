package dev.runledger.events.execution;

/**
 * What deciding needs to know of one iteration of a step.
 *
 * @param attempts how often it was started
 * @param attemptsBeforeRetry how often it had been started when its execution was last retried: those before do not
 *     count against {@code maxRetries}
 * @param details of the schedule, or of the first start where there was none
 * @param firstVersion the version of its first event: steps keep the order in which they became known
 * @param startHash content of the last start; 0 before the first
 * @param endHash content of the end or failure behind {@code status}; 0 while there is none
 */
public record StepState(
        StepStatus status,
        int attempts,
        int attemptsBeforeRetry,
        int maxRetries,
        FieldHashes details,
        long firstVersion,
        long startHash,
        long endHash) {

    StepState started(int attempt, long startHash) {
        return new StepState(
                StepStatus.RUNNING, attempt, attemptsBeforeRetry, maxRetries, details, firstVersion, startHash, 0);
    }

    StepState ended(StepStatus status, long endHash) {
        return new StepState(
                status, attempts, attemptsBeforeRetry, maxRetries, details, firstVersion, startHash, endHash);
    }

    StepState reopened() {
        return new StepState(StepStatus.PENDING, attempts, attempts, maxRetries, details, firstVersion, startHash, 0);
    }
}
