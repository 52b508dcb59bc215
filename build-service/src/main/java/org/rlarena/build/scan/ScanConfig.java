package org.rlarena.build.scan;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator can set for security scans. */
@ConfigMapping(prefix = "arena.build.scan")
public interface ScanConfig {

  /** What scans: {@code trivy}, {@code grype}, or {@code none}. */
  @WithDefault("none")
  ScannerKind scanner();

  /**
   * What becomes of a build without a verdict, because nothing scans or the scanner failed: {@code
   * allow} or {@code block}. {@code pass} and {@code fail} are older words for the same.
   */
  @WithDefault("allow")
  Unavailable unavailable();

  /** The least severity at which a finding blocks that a newer version mends. */
  @WithDefault("critical")
  Threshold blockFixable();

  /** The least severity at which a finding blocks, whether it can be mended or not. */
  @WithDefault("none")
  Threshold blockAny();

  /** Whether findings of the base image, which authors cannot mend, block as well. */
  @WithDefault("false")
  boolean blockPlatform();

  /** JSON file of findings that are accepted; read at the start. */
  Optional<Path> ignoreFile();

  /** Age of the scanner's database from which its report counts as failed; no limit if not set. */
  Optional<Duration> maxDatabaseAge();

  /** How many findings are kept, the worst first; all are counted. */
  @WithDefault("50")
  int findings();

  /** Longest time of one scan, fetching the scanner's database included. */
  @WithDefault("5m")
  Duration timeout();

  /** The scanner's program, where builds are local: a path, or a name on the PATH. */
  Optional<String> command();

  /** More arguments for the scanner, such as {@code --db-repository=...}. */
  Optional<List<String>> arguments();

  /** Folder of the scanner's database, where builds are local. */
  @WithDefault("${arena.objects.root:.arena/objects}/../scanner")
  Path cacheDir();

  Rescan rescan();

  Kubernetes kubernetes();

  /** Scanning anew what plays, against what has become known since. */
  interface Rescan {

    /** Time from one scan of a version that plays to the next; zero for never. */
    @WithDefault("24h")
    Duration interval();

    /** Wait after a scan that failed; doubled each time, up to the interval. */
    @WithDefault("10m")
    Duration retry();

    /** How often versions are looked for whose time has come. */
    @WithDefault("30s")
    Duration pollInterval();
  }

  /** Scans as Jobs, where builds are Jobs. */
  interface Kubernetes {

    /** Image of the scanner, by digest. Needed if something scans. */
    Optional<String> image();

    /** Secret of type {@code kubernetes.io/dockerconfigjson} that may pull agents' images. */
    Optional<String> registrySecret();

    /** Memory asked for and allowed. */
    @WithDefault("2Gi")
    String memory();

    /** CPU asked for and allowed. */
    @WithDefault("1")
    String cpu();

    /** Disk asked for and allowed, for image and database. */
    @WithDefault("10Gi")
    String disk();
  }

  /** Policy for builds without a verdict. */
  enum Unavailable {
    ALLOW,
    BLOCK,
    /** The older word for {@link #ALLOW}. */
    PASS,
    /** The older word for {@link #BLOCK}. */
    FAIL;

    boolean blocks() {
      return this == BLOCK || this == FAIL;
    }
  }

  /** From which severity on findings block. */
  enum Threshold {
    LOW(Severity.LOW),
    MEDIUM(Severity.MEDIUM),
    HIGH(Severity.HIGH),
    CRITICAL(Severity.CRITICAL),
    NONE(null);

    private final Severity least;

    Threshold(Severity least) {
      this.least = least;
    }

    boolean isReachedBy(Severity severity) {
      return least != null && severity.compareTo(least) >= 0;
    }
  }
}
