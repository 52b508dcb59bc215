package org.rlarena.webhook.deliveries;

/** A host that is not told anything; the message says why, to the hook's owner. */
class AddressRefused extends Exception {

  private static final long serialVersionUID = 1L;

  AddressRefused(String message) {
    super(message);
  }
}
