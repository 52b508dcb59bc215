package org.rlarena.access;

/** Tokens cannot be judged now: neither auth-service nor the disk has its verification keys. */
public class KeysUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KeysUnavailable(String message) {
    super(message);
  }
}
