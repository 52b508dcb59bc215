package org.rlarena.gateway.caller;

/** No token can be judged: auth-service's keys were never fetched and cannot be now. */
public class KeysUnavailable extends Exception {
  private static final long serialVersionUID = 1L;

  KeysUnavailable(Throwable cause) {
    super("no verification keys yet", cause);
  }
}
