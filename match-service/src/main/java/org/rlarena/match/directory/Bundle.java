package org.rlarena.match.directory;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;

/**
 * What an executor plays: code and packages in one archive.
 *
 * @param key object key below the bundle root
 * @param sha256 digest of the archive, lower-case hex
 * @param bytes size of the archive
 * @param pythonMinor such as {@code 3.11}
 * @param platform platform tag of the packages
 */
@Embeddable
@RegisterForReflection
public record Bundle(
    @Column(name = "bundle_key") String key,
    @Column(name = "bundle_sha256") String sha256,
    @Column(name = "bundle_bytes") long bytes,
    @Column(name = "python_minor") String pythonMinor,
    @Column(name = "platform") String platform) {

  public Bundle {
    requireNonNull(key, "bundle.key");
    requireNonNull(sha256, "bundle.sha256");
    requireNonNull(pythonMinor, "bundle.pythonMinor");
    requireNonNull(platform, "bundle.platform");
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("bundle.sha256 is not a lower-case hex SHA-256");
    }
  }
}
