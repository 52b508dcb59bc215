package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.Objects;

/**
 * What an executor plays, as build-service describes it.
 *
 * @param key object key below the object store's root
 * @param sha256 digest of the archive, 64 lower-case hex digits
 * @param bytes its size
 * @param pythonMinor such as {@code 3.11}
 * @param platform platform tag as in wheel names
 */
@Embeddable
@RegisterForReflection
public record Bundle(
    @Column(name = "bundle_key") String key,
    @Column(name = "bundle_sha256") String sha256,
    @Column(name = "bundle_bytes") Long bytes,
    @Column(name = "bundle_python_minor") String pythonMinor,
    @Column(name = "bundle_platform") String platform) {

  public Bundle {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(sha256, "sha256");
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(pythonMinor, "pythonMinor");
    Objects.requireNonNull(platform, "platform");
  }
}
