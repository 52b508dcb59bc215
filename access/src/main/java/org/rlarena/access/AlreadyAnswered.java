package org.rlarena.access;

import jakarta.ws.rs.core.Response;

/** The request was made before, and this is what it was answered. */
public class AlreadyAnswered extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Response answer;

  AlreadyAnswered(Response answer) {
    super("answered before", null, false, false);
    this.answer = answer;
  }

  Response answer() {
    return answer;
  }
}
