package org.rlarena.match.executors;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where executors are and how they are watched. */
@ConfigMapping(prefix = "arena.executor")
public interface ExecutorConfig {

  /** Executors as {@code host:port}; each entry is one executor. */
  @WithDefault("localhost:50051")
  @NotEmpty
  List<String> addresses();

  /** Bearer token that executors want; needed outside loopback. */
  Optional<String> token();

  /** How often an executor is asked whether it lives. */
  @WithDefault("2s")
  @NotNull
  Duration healthInterval();

  /** How often an executor is asked what it plays. */
  @WithDefault("5s")
  @NotNull
  Duration environmentsInterval();

  /** How long what an executor plays is still offered after it was last seen alive. */
  @WithDefault("15s")
  @NotNull
  Duration goneAfter();

  /** An executor unseen for so long is taken for dead, and what it was playing for lost. */
  @WithDefault("30s")
  @NotNull
  Duration lostAfter();

  /** Matches at once on an executor that does not tell its capacity; 1 to 64. */
  @WithDefault("1")
  @Min(1)
  @Max(64)
  int assumedCapacity();
}
