package org.rlarena.webhook.deliveries;

/**
 * What an attempt came to.
 *
 * @param code of the answer; null without one
 * @param start first bytes of the answer as text; null without one
 * @param error why it failed, for the hook's owner; null when it was taken
 */
record Outcome(Integer code, String start, String error) {

  static Outcome answered(int code, String start) {
    if (code >= 200 && code < 300) {
      return new Outcome(code, start, null);
    }
    String redirect = code >= 300 && code < 400 ? "; redirects are not followed" : "";
    return new Outcome(code, start, "The receiver answered " + code + redirect + ".");
  }

  static Outcome failed(String error) {
    return new Outcome(null, null, error);
  }

  boolean taken() {
    return error == null;
  }
}
