package org.rlarena.telemetry;

import io.quarkus.runtime.annotations.ConfigPhase;
import io.quarkus.runtime.annotations.ConfigRoot;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How the log is written. */
@ConfigMapping(prefix = "arena.log")
@ConfigRoot(phase = ConfigPhase.RUN_TIME)
public interface LogConfig {

  /** {@code text} for people, or {@code json}: one object a line. */
  @WithDefault("text")
  Format format();

  /** What a line is. */
  enum Format {
    TEXT,
    JSON
  }
}
