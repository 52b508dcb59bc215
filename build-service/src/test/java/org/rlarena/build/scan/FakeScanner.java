package org.rlarena.build.scan;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A {@code trivy} that prints the file {@code report} of its cache folder, as the test has told it
 * to, and keeps what it was called with.
 */
public final class FakeScanner {

  private static final String SCRIPT =
      """
      #!/bin/sh
      cache="$TRIVY_CACHE_DIR"
      echo "$*" >> "$cache/calls"
      if [ "$1" = version ]; then
        echo '{"Version": "0.74.0", "VulnerabilityDB": {"UpdatedAt": "2026-11-26T00:27:51Z"}}'
        exit 0
      fi
      env | sort > "$cache/environment"
      pwd > "$cache/folder"
      id -u > "$cache/user"
      ls /scan /scan/packages /scan/code > "$cache/seen" 2> /dev/null
      touch /scan/planted /usr/planted 2> "$cache/refused"
      . "$cache/behaviour"
      """;

  private final Path folder;

  /**
   * @param folder for the program and its cache; made if it is not there
   */
  public FakeScanner(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(cache());
      Files.writeString(program(), SCRIPT);
      Files.setPosixFilePermissions(program(), PosixFilePermissions.fromString("rwxr-xr-x"));
      print(nothing());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path program() {
    return folder.resolve("trivy");
  }

  public Path cache() {
    return folder.resolve("cache");
  }

  /** It ends well and prints this. */
  public void print(String report) {
    put("report", report);
    behave("cat \"$cache/report\"");
  }

  /** It runs these words of a shell. */
  public void behave(String words) {
    put("behaviour", words + "\n");
  }

  /** Renamed into place: a scan that runs sees the one or the other. */
  private void put(String file, String content) {
    try {
      Path part = Files.writeString(cache().resolve(file + ".part"), content);
      Files.move(part, cache().resolve(file), ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A report of one finding. */
  public static String finding(String id, String severity, String fixed) {
    return """
    {"SchemaVersion": 2, "ArtifactName": "/scan", "Results": [{"Class": "lang-pkgs",
     "Vulnerabilities": [{"VulnerabilityID": "%s", "PkgName": "tiny-rl", "InstalledVersion": "1.0",
      "FixedVersion": "%s", "Severity": "%s"}]}]}
    """
        .formatted(id, fixed, severity);
  }

  /** A report of nothing. */
  public static String nothing() {
    return "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\"}";
  }

  /** What it noted in a file of its cache. */
  public String noted(String file) {
    try {
      return Files.readString(cache().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
