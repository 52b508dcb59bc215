package org.rlarena.build.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The scanners that are known, and how each is asked. */
public enum ScannerKind {
  NONE,
  TRIVY,
  GRYPE;

  /** Name of its program. */
  public String program() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What configures it, besides its arguments.
   *
   * @param cache folder for its database
   */
  public Map<String, String> environment(String cache) {
    return switch (this) {
      case NONE -> Map.of();
      case TRIVY ->
          Map.of(
              "TRIVY_CACHE_DIR",
              cache,
              "TRIVY_DISABLE_TELEMETRY",
              "true",
              "TRIVY_SKIP_VERSION_CHECK",
              "true");
      case GRYPE -> Map.of("GRYPE_DB_CACHE_DIR", cache, "GRYPE_CHECK_FOR_APP_UPDATE", "false");
    };
  }

  /**
   * Arguments that make it print its report on what lies in a folder.
   *
   * @param more of the operator's
   */
  List<String> folderArguments(String folder, List<String> more) {
    return switch (this) {
      case NONE -> List.of();
      case TRIVY -> trivy("rootfs", more, folder);
      case GRYPE -> grype(more, "dir:" + folder);
    };
  }

  /**
   * Arguments that make it print its report on an image of a registry.
   *
   * @param image by digest
   * @param more of the operator's
   */
  public List<String> imageArguments(String image, List<String> more) {
    return switch (this) {
      case NONE -> List.of();
      case TRIVY -> trivy("image", with(more, "--image-src", "remote"), image);
      case GRYPE -> grype(more, "registry:" + image);
    };
  }

  /** Arguments that make it print version and database, if its report does not tell them. */
  public Optional<List<String>> versionArguments() {
    return switch (this) {
      case NONE, GRYPE -> Optional.empty();
      case TRIVY -> Optional.of(List.of("version", "--format", "json"));
    };
  }

  private static List<String> trivy(String command, List<String> more, String target) {
    return with(
        with(more, command, "--quiet", "--format", "json", "--scanners", "vuln"),
        List.of("--list-all-pkgs=false", target));
  }

  private static List<String> grype(List<String> more, String target) {
    return with(more, target, "--quiet", "--output", "json");
  }

  private static List<String> with(List<String> last, String... first) {
    return with(List.of(first), last);
  }

  private static List<String> with(List<String> first, List<String> last) {
    List<String> all = new ArrayList<>(first);
    all.addAll(last);
    return all;
  }

  Report parse(String text, Origins origins) {
    return switch (this) {
      case NONE -> throw new IllegalStateException("nothing scans");
      case TRIVY -> TrivyReport.parse(text, origins);
      case GRYPE -> GrypeReport.parse(text, origins);
    };
  }
}
