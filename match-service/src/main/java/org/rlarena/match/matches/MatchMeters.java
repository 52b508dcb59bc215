package org.rlarena.match.matches;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;

/**
 * What operators see of matches. Counted in the transactions that make it true, so one that is
 * rolled back and tried again is counted twice.
 */
@ApplicationScoped
class MatchMeters {

  private final MeterRegistry registry;

  MatchMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** An attempt began; how long the match waited counts for its first one. */
  void started(Match match) {
    if (match.attempt() == 1) {
      Timer.builder("arena.match.wait")
          .description("From the request of a match to its start")
          .tag("kind", wire(match.kind()))
          .serviceLevelObjectives(
              Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(60))
          .register(registry)
          .record(Duration.between(match.createdAt(), match.startedAt()));
    }
  }

  /** It is over; of one that was played each forfeit counts, by its verdict. */
  void over(Match match) {
    registry
        .counter(
            "arena.matches.over",
            "environment",
            match.environmentId(),
            "state",
            wire(match.state()))
        .increment();
    match.participants().stream()
        .map(Participant::verdict)
        .filter(verdict -> verdict != null && !verdict.equals("none"))
        .forEach(
            verdict ->
                registry
                    .counter(
                        "arena.match.forfeits",
                        "environment",
                        match.environmentId(),
                        "verdict",
                        verdict)
                    .increment());
  }

  private static String wire(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
