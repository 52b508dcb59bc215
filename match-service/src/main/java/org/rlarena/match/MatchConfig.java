package org.rlarena.match;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Settings of matches and their execution. */
@ConfigMapping(prefix = "arena.match")
public interface MatchConfig {

  /** Time for a whole match, given to the executor. */
  @WithDefault("300s")
  @NotNull
  Duration timeout();

  /**
   * How much longer an attempt may take: agents are started before the match's time begins, and
   * replays handed over after it. Above the time that an executor waits for its pods.
   */
  @WithDefault("90s")
  @NotNull
  Duration margin();

  /** How long a worker keeps a match without a sign of life; renewed every third of it. */
  @WithDefault("15s")
  @NotNull
  Duration lease();

  /** How often waiting matches are looked for when nothing announces one. */
  @WithDefault("1s")
  @NotNull
  Duration pollInterval();

  /** Failures of executors after which a match is given up; 1 to 10. */
  @WithDefault("3")
  @Min(1)
  @Max(10)
  int attempts();

  /**
   * Lost workers after which a match is given up; more than {@link #attempts()}, since the executor
   * did nothing wrong.
   */
  @WithDefault("10")
  @Min(1)
  @Max(100)
  int losses();

  /** Pause before the second attempt; four times longer before each further one. */
  @WithDefault("2s")
  @NotNull
  Duration retryBackoff();

  /** A match that nobody could play for so long is cancelled, so that its agents are free again. */
  @WithDefault("24h")
  @NotNull
  Duration pendingLimit();

  /**
   * What is put before a bundle's key to make the {@code code_url} for executors: a folder or an
   * http(s) URL. Default: where the object store has it.
   */
  Optional<String> bundleRoot();

  /** Key that signs upload URLs; at least 32 characters; no default. */
  @Size(min = 32, message = "arena.match.upload-key needs at least 32 characters")
  String uploadKey();

  /** Base URL under which executors reach this service's {@code /uploads}. */
  @WithDefault("http://localhost:8086")
  @NotNull
  URI uploadBaseUrl();

  /** Largest replay or log that is accepted, in bytes; at most 64 MiB. */
  @WithDefault("67108864")
  @Min(1024)
  @Max(67108864)
  long uploadMaxBytes();

  /** Age at which an upload that no result names is removed. */
  @WithDefault("1h")
  @NotNull
  Duration sweepAge();

  /** How long after a match its replay is kept; for ever when not set. */
  Optional<Duration> replayRetention();

  /** How often what is to be removed is looked for. */
  @WithDefault("10m")
  @Pattern(regexp = "\\d+[smh]")
  String sweepInterval();

  /** Limits of challenges. */
  Challenges challenges();

  /** Limits of challenges. */
  interface Challenges {

    /** Challenges one user may make within a minute. */
    @WithDefault("10")
    @Min(1)
    int perMinute();

    /** Challenges one user may make against one agent within 24 hours. */
    @WithDefault("50")
    @Min(1)
    int perDay();

    /**
     * Percentage of all slots that challenges may hold while rated matches wait; at least one slot.
     */
    @WithDefault("10")
    @Min(0)
    @Max(100)
    int slotPercentage();
  }
}
