package org.rlarena.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the outbox. */
@ConfigMapping(prefix = "arena.outbox")
interface OutboxConfig {

  /** How long the relay sleeps when nobody wakes it. */
  @WithDefault("200ms")
  Duration pollInterval();

  /** How long sent events stay in their table. */
  @WithDefault("1h")
  Duration keep();

  /** How long an event may take to the broker before the attempt counts as failed; from 2 s. */
  @WithDefault("5s")
  Duration deliveryTimeout();
}
