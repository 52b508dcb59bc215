package org.rlarena.gateway.caller;

/** A token is not sound; the message is a sentence for the user. */
public class TokenRefused extends Exception {
  private static final long serialVersionUID = 1L;

  TokenRefused(String message) {
    super(message, null, false, false);
  }
}
