package org.rlarena.gateway;

/** The services behind the gateway. */
public enum Service {
  AUTH("auth-service"),
  AGENT("agent-service"),
  SUBMISSION("submission-service"),
  BUILD("build-service"),
  MATCHMAKING("matchmaking-service"),
  MATCH("match-service"),
  RATING("rating-service"),
  WEBHOOK("webhook-service");

  private final String label;

  Service(String label) {
    this.label = label;
  }

  /** Its name in answers, logs and metrics. */
  public String label() {
    return label;
  }
}
