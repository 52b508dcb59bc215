package org.rlarena.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the inbox. */
@ConfigMapping(prefix = "arena.inbox")
interface InboxConfig {

  /** How long a handled event is remembered. After that a repeat is handled again. */
  @WithDefault("14d")
  Duration keep();
}
