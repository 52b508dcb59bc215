package org.rlarena.submission.sources;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** The local object store, shared by the services that keep files. */
@ConfigMapping(prefix = "arena.objects")
public interface ObjectStoreConfig {

  /** Folder of the store; uploads live in {@code sources/} below it. Created if missing. */
  @WithDefault(".arena/objects")
  Path root();
}
