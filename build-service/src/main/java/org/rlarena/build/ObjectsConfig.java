package org.rlarena.build;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** The local object store, shared with the services that read bundles. */
@ConfigMapping(prefix = "arena.objects")
public interface ObjectsConfig {

  /** Folder below which objects are files named by their key. */
  @WithDefault(".arena/objects")
  Path root();
}
