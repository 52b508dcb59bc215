package org.rlarena.matchmaking.roster;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Embeddable;

/**
 * What an executor plays; passed on as it came.
 *
 * @param key object key
 * @param sha256 digest, lower-case hex
 * @param bytes size
 * @param pythonMinor Python minor version its packages were chosen for
 * @param platform platform tag of its packages
 */
@Embeddable
public record Bundle(String key, String sha256, long bytes, String pythonMinor, String platform) {

  public Bundle {
    requireNonNull(key, "bundle.key");
    requireNonNull(sha256, "bundle.sha256");
    requireNonNull(pythonMinor, "bundle.pythonMinor");
    requireNonNull(platform, "bundle.platform");
  }
}
