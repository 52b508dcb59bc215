package org.rlarena.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator can set for this service. */
@ConfigMapping(prefix = "arena.webhook")
public interface WebhookConfig {

  /**
   * From which the secrets of all hooks are derived, at least 32 characters; there is no default.
   * With another key every hook has another secret.
   */
  @Size(min = 32, message = "arena.webhook.secret-key needs at least 32 characters")
  String secretKey();

  /**
   * Hosts, by name or address, that may be told by http and may have addresses that are not public:
   * receivers in one's own network, or on this machine. Everybody's hooks may name them.
   */
  Optional<List<String>> trustedHosts();

  /** Hooks one user may have, at least 1. The next one is refused with 409. */
  @WithDefault("10")
  @Min(1)
  int maxPerUser();

  /** How long a secret goes on signing beside the one that took its place. */
  @WithDefault("24h")
  @NotNull
  Duration secretOverlap();

  /**
   * How long a receiver may take for one attempt, from the first packet to the end of the answer.
   */
  @WithDefault("10s")
  @NotNull
  Duration timeout();

  /** Attempts after which a delivery has failed. */
  @WithDefault("14")
  @Min(1)
  @Max(100)
  int attempts();

  /** Pause after the first failed attempt; three times longer after each further one. */
  @WithDefault("5s")
  @NotNull
  Duration firstPause();

  /** Longest pause between two attempts. */
  @WithDefault("4h")
  @NotNull
  Duration longestPause();

  /** A hook that has failed for so long, without any success in between, is disabled. */
  @WithDefault("5d")
  @NotNull
  Duration disableAfter();

  /** Deliveries under way at once in this process. */
  @WithDefault("128")
  @Min(1)
  @Max(4096)
  int concurrency();

  /** Deliveries under way at once to one hook. */
  @WithDefault("2")
  @Min(1)
  int concurrencyPerHook();

  /** How often due deliveries are looked for when nothing announces one. */
  @WithDefault("1s")
  @NotNull
  Duration pollInterval();

  /** How long a delivery stays in the log. */
  @WithDefault("7d")
  @NotNull
  Duration keep();

  /** Ended deliveries of one hook in the log; older ones go first. */
  @WithDefault("1000")
  @Min(1)
  int keepPerHook();

  /** How often the log is swept. */
  @WithDefault("1m")
  @NotNull
  String sweepInterval();
}
