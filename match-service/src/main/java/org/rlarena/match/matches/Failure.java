package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;

/**
 * Why a match was not played to a result.
 *
 * @param reason for machines, snake case
 * @param message for people, one sentence
 */
@Embeddable
public record Failure(
    @Column(name = "failure_reason") String reason,
    @Column(name = "failure_message") String message) {

  /** An agent was deleted before the match was played. */
  public static final Failure AGENT_DELETED =
      new Failure("agent_deleted", "An agent was deleted before the match was played.");

  /** An agent has another rated match open. */
  public static final Failure ALREADY_PLAYING =
      new Failure(
          "already_playing", "An agent had another open rated match when this one was requested.");

  /** Nobody could play it for too long. */
  public static final Failure WAITED_TOO_LONG =
      new Failure("waited_too_long", "No executor could play the match in time.");

  public Failure {
    requireNonNull(reason, "reason");
    requireNonNull(message, "message");
  }
}
