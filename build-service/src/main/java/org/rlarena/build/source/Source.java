package org.rlarena.build.source;

/**
 * An upload as its event describes it.
 *
 * @param sha256 digest, lower-case hex
 * @param bytes size
 * @param kind {@code py} or {@code zip}
 */
public record Source(String sha256, long bytes, String kind) {

  /** Whether the upload has to be unpacked; otherwise it is one Python file. */
  public boolean isArchive() {
    return kind.equals("zip");
  }
}
