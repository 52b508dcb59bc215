package org.rlarena.build.bundle;

/**
 * A stored bundle.
 *
 * @param key object key below the object store's root
 * @param sha256 digest of the archive, lower-case hex
 * @param bytes size of the archive
 * @param pythonMinor Python minor version its packages were chosen for, such as {@code 3.11}
 * @param platform platform of its packages, as in wheel names
 */
public record Bundle(String key, String sha256, long bytes, String pythonMinor, String platform) {}
