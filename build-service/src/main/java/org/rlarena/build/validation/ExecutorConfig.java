package org.rlarena.build.validation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The executors that play validation games. */
@ConfigMapping(prefix = "arena.executor")
public interface ExecutorConfig {

  /** {@code host:port} of each executor, asked in this order. */
  @WithDefault("localhost:50051")
  List<String> addresses();

  /** Bearer that executors outside loopback want. */
  Optional<String> token();

  /** Longest time of one validation, loading the agent and both seats included. */
  @WithDefault("180s")
  Duration validationTimeout();

  /** How long a run waits for a busy executor before it makes room for another build. */
  @WithDefault("20s")
  Duration busyPatience();

  /** How often a busy executor is asked again. */
  @WithDefault("250ms")
  Duration busyInterval();
}
