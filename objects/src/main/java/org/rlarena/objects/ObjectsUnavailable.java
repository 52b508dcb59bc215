package org.rlarena.objects;

/**
 * The object store does not answer, or not as it should. Never the caller's fault, and it may pass.
 * The message says what an operator can do; it names no secret, but is not for callers.
 */
public final class ObjectsUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ObjectsUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
