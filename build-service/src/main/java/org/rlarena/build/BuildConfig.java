package org.rlarena.build;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator can set for builds. */
@ConfigMapping(prefix = "arena.build")
public interface BuildConfig {

  /** Where builds run: {@code local}, in this service, or {@code kubernetes}, as Jobs. */
  @WithDefault("local")
  Backend backend();

  /** Builds that run at once in this process; 0 lets other replicas do the work. */
  @WithDefault("1")
  int workers();

  /**
   * Python of a virtual environment with pip and packaging: the interpreter and the packages that
   * agents are played with.
   */
  @WithDefault("python3")
  String agentPython();

  /**
   * Folder for files of running builds; emptied after each. Replicas on one database may share it,
   * two suites may not: what no lease names is removed.
   */
  @WithDefault("${arena.objects.root:.arena/objects}/../builds")
  Path workDir();

  /** Where submission-service answers. */
  @WithDefault("http://localhost:8083")
  URI submissionServiceUrl();

  /** More arguments for pip while it has network, such as {@code --index-url=...}. */
  Optional<List<String>> pipArguments();

  /** Longest time of one run of a build, validation and waiting for a free executor included. */
  @WithDefault("20m")
  Duration timeout();

  /** Time after which a build whose worker has gone silent is given to another worker. */
  @WithDefault("20s")
  Duration lease();

  /** How often a worker renews its lease; well below the lease. */
  @WithDefault("5s")
  Duration heartbeat();

  /** How often an idle worker looks for builds that no event of this process announced. */
  @WithDefault("1s")
  Duration pollInterval();

  /** When a fault of the platform ends a build. */
  Faults faults();

  /** Bounds of what is unpacked and installed. */
  Limits limits();

  /** A build fails with {@code platform_fault} once both bounds are passed. */
  interface Faults {

    /** Runs that ended by a fault of the platform. */
    @WithDefault("20")
    int tries();

    /** Time since the first of them. */
    @WithDefault("10m")
    Duration period();

    /** Wait after the first fault; doubled each time. */
    @WithDefault("1s")
    Duration backoff();

    /** Longest wait between two runs. */
    @WithDefault("30s")
    Duration maxBackoff();

    /** Runs whose worker died, after which the build is given up: it may be what kills them. */
    @WithDefault("10")
    int lostRuns();
  }

  interface Limits {

    /** Largest upload, in bytes. */
    @WithDefault("52428800")
    long uploadBytes();

    /** Largest sum of the files of an upload, unpacked, in bytes. */
    @WithDefault("209715200")
    long sourceBytes();

    /** Most files and folders of an upload. */
    @WithDefault("10000")
    int sourceEntries();

    /** Largest sum of all installed packages, in bytes. */
    @WithDefault("2147483648")
    long packageBytes();

    /** Most packages, those that packages ask for included. */
    @WithDefault("200")
    int packages();
  }

  /** Where builds run. */
  enum Backend {
    LOCAL,
    KUBERNETES
  }
}
