package org.rlarena.outbox;

/**
 * A record that no retry can mend: it goes to the dead-letter topic at once. Listeners may throw it
 * too, for content that makes no sense to them.
 */
public class UndecodableEvent extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The message says what is wrong and names the field, without quoting the payload. */
  public UndecodableEvent(String message) {
    super(message);
  }

  /** As above, with the decoder's own complaint. */
  public UndecodableEvent(String message, Throwable cause) {
    super(message, cause);
  }
}
