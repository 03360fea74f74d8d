package dev.runledger.app.demo;

import dev.runledger.command.execution.ExecutionCommand.CompleteExecution;
import dev.runledger.command.execution.ExecutionCommand.FailExecution;
import dev.runledger.command.execution.ExecutionCommand.OpenSteps;
import dev.runledger.command.execution.ExecutionCommands;
import dev.runledger.command.execution.Origin;
import dev.runledger.command.execution.Outcome;
import dev.runledger.events.Json;
import dev.runledger.events.execution.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Records three example runs when {@code runledger.demo} is true: one completed, one running, one failed. A second
 * start finds them and appends nothing.
 */
@Component
@ConditionalOnBooleanProperty("runledger.demo")
final class DemoRecorder implements ApplicationRunner {

    private static final Logger logger = LoggerFactory.getLogger(DemoRecorder.class);

    private final ExecutionCommands commands;
    private final Clock clock;

    DemoRecorder(ExecutionCommands commands, Clock clock) {
        this.commands = commands;
        this.clock = clock;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        for (var run : List.of(costAnalysis(now), performanceTuning(now), qualityCheck(now))) {
            var outcomes = commands.apply(
                    run.execution(),
                    run.submissions(),
                    true,
                    new Origin("demo", "demo-" + run.execution().id(), null));
            var appended = outcomes.stream()
                    .filter(outcome -> outcome instanceof Outcome.Accepted accepted && !accepted.unchanged())
                    .count();
            logger.info(
                    "Demo run {}: {}",
                    run.execution().id(),
                    appended == 0 ? "already recorded" : appended + " reports recorded");
        }
    }

    /** Completed an hour ago, within about 15 minutes. */
    private static DemoRun costAnalysis(Instant now) {
        return new DemoRun("cost-analysis", now.minus(Duration.ofMinutes(75)))
                .start(
                        "cost-analysis",
                        "cost_analysis",
                        "cost-agent-1",
                        Map.of("env", "prod", "team", "finops"),
                        Json.of("{\"month\":\"2026-10\",\"regions\":[\"eu-central-1\",\"us-east-1\"]}"),
                        "collect_metrics",
                        "analyze_gpu",
                        "analyze_storage",
                        "generate_recommendations",
                        "generate_report")
                .after(Duration.ofSeconds(2))
                .step("collect_metrics", Duration.ofSeconds(190), "{\"instances\":148,\"samples\":639360}")
                .step("analyze_gpu", Duration.ofSeconds(260), "{\"idleHours\":1204,\"savingsUsd\":4311.75}")
                .artifact("analyze_gpu", "config", "gpu-limits.json", "application/json", 2_118)
                .step("analyze_storage", Duration.ofSeconds(215), "{\"coldTiB\":38.2,\"savingsUsd\":902.10}")
                .step("generate_recommendations", Duration.ofSeconds(130), "{\"recommendations\":7}")
                .artifact("generate_recommendations", "chart", "savings.png", "image/png", 88_410)
                .step("generate_report", Duration.ofSeconds(95), "{\"pages\":12}")
                .artifact("generate_report", "report", "cost-report.pdf", "application/pdf", 412_907)
                .after(Duration.ofSeconds(1))
                .say(new CompleteExecution(
                        Json.of("{\"savingsUsd\":5213.85,\"recommendations\":7}"), OpenSteps.REFUSE));
    }

    /** Started a few minutes ago and still at it. */
    private static DemoRun performanceTuning(Instant now) {
        return new DemoRun("performance-tuning", now.minus(Duration.ofMinutes(9)))
                .start(
                        "performance-tuning",
                        "performance_tuning",
                        "tuning-agent-2",
                        Map.of("env", "staging"),
                        Json.of("{\"service\":\"checkout\",\"targetP99Ms\":120}"),
                        "profile_service",
                        "find_bottlenecks",
                        "tune_parameters",
                        "verify_gains")
                .after(Duration.ofSeconds(1))
                .step("profile_service", Duration.ofSeconds(150), "{\"p99Ms\":310}")
                .artifact("profile_service", "profile", "flamegraph.html", "text/html", 1_204_551)
                .step("find_bottlenecks", Duration.ofSeconds(120), "{\"bottlenecks\":[\"db-pool\",\"json\"]}")
                .startStep("tune_parameters");
    }

    /** Failed half an hour ago at its last step. */
    private static DemoRun qualityCheck(Instant now) {
        var breach = new Failure(
                "quality threshold breach",
                "QualityThresholdBreach",
                null,
                Json.of("{\"metric\":\"null_ratio\",\"value\":0.083,\"threshold\":0.05}"));
        return new DemoRun("quality-check", now.minus(Duration.ofMinutes(35)))
                .start(
                        "quality-check",
                        "quality_check",
                        "quality-agent-1",
                        Map.of("env", "prod", "dataset", "orders"),
                        Json.of("{\"dataset\":\"orders\",\"rows\":1830212}"),
                        "load_dataset",
                        "profile_columns",
                        "check_thresholds")
                .after(Duration.ofSeconds(1))
                .step("load_dataset", Duration.ofSeconds(70), "{\"rows\":1830212}")
                .step("profile_columns", Duration.ofSeconds(140), "{\"columns\":41}")
                .startStep("check_thresholds")
                .after(Duration.ofSeconds(25))
                .failStep("check_thresholds", breach)
                .artifact("check_thresholds", "diagnostics", "null-ratio.json", "application/json", 15_320)
                .artifact("check_thresholds", "alert", "alert.json", "application/json", 640)
                .say(new FailExecution(breach));
    }
}
