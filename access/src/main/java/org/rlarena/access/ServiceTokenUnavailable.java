package org.rlarena.access;

/** No service token can be had now; the call it was for counts as the neighbour being down. */
public class ServiceTokenUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ServiceTokenUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
