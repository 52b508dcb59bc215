package org.rlarena.build.scan;

/**
 * A scanner gave no report that can be trusted. The message is shown to the author, so it names no
 * path, host or secret.
 */
public final class ScanFailed extends RuntimeException {

  public ScanFailed(String message) {
    super(message);
  }

  public ScanFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
