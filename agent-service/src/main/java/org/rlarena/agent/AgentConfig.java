package org.rlarena.agent;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** What an operator can set for this service. */
@ConfigMapping(prefix = "arena.agent")
public interface AgentConfig {

  /** Living agents one user may own, at least 1. The next one is refused with 409. */
  @WithDefault("100")
  @Min(1)
  int maxPerUser();
}
