package org.rlarena.submission.sources;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What uploads may look like and how long leftovers stay. */
@ConfigMapping(prefix = "arena.submission")
public interface SourceConfig {

  /**
   * Largest accepted file. Raise {@code quarkus.http.limits.max-body-size} with it: that limit cuts
   * off whatever is larger while it arrives and has to lie a little above this one.
   */
  @WithDefault("50M")
  MemorySize maxUpload();

  /** Largest accepted single {@code .py} file. */
  @WithDefault("10M")
  MemorySize maxPython();

  /** Largest sum of an archive's unpacked files, counted while inflating. */
  @WithDefault("200M")
  MemorySize maxUnpacked();

  /** Most entries of an archive, folders included. */
  @WithDefault("10000")
  int maxEntries();

  /** Most folders around a file of an archive. */
  @WithDefault("16")
  int maxDepth();

  /**
   * How many times its own size an archive may unpack to. Judged only above 10 MiB unpacked, since
   * small files of zeros are common and harmless.
   */
  @WithDefault("100")
  int maxRatio();

  /** How often leftovers are looked for and the sources of deleted agents erased. */
  @WithDefault("10m")
  Duration sweepInterval();

  /**
   * Age from which a file that no submission names counts as left behind. Must be longer than any
   * upload takes.
   */
  @WithDefault("1h")
  Duration orphanAge();
}
