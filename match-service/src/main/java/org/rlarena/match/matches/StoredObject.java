package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Embeddable;

/**
 * Something in the object store that belongs to a match.
 *
 * @param key below the object store's root
 * @param bytes its size
 * @param sha256 its digest, lower-case hex
 */
@Embeddable
public record StoredObject(String key, long bytes, String sha256) {

  public StoredObject {
    requireNonNull(key, "key");
    requireNonNull(sha256, "sha256");
  }
}
