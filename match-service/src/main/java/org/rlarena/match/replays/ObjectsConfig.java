package org.rlarena.match.replays;

import io.smallrye.config.ConfigMapping;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;

/** The object store, shared with other services; each writes below its own prefixes. */
@ConfigMapping(prefix = "arena.objects")
public interface ObjectsConfig {

  /** Folder that holds all objects; no default. */
  @NotNull
  Path root();
}
