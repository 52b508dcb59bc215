package org.rlarena.build;

/**
 * Something of ours did not work: a neighbour is away, a tool is missing, a disk is full. The build
 * is tried again later; it is never the author's fault. The message is shown in the build log, so
 * it names no path, host or secret; the cause goes to the service's own log.
 */
public final class PlatformFault extends RuntimeException {

  public PlatformFault(String message) {
    super(message);
  }

  public PlatformFault(String message, Throwable cause) {
    super(message, cause);
  }
}
