package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import java.util.UUID;

/**
 * Who plays a match right now.
 *
 * @param attemptId the fencing token: only a result that names it is taken
 * @param owner the process that plays it
 * @param place the executor it is played on
 * @param until when the owner counts as lost unless it renews before
 * @param deadline when the attempt is over, renewed or not
 */
@Embeddable
public record Lease(
    @Column(name = "attempt_id") UUID attemptId,
    @Column(name = "lease_owner") String owner,
    @Column(name = "place") String place,
    @Column(name = "lease_until") Instant until,
    @Column(name = "attempt_deadline") Instant deadline) {

  public Lease {
    requireNonNull(attemptId, "attemptId");
    requireNonNull(owner, "owner");
    requireNonNull(place, "place");
    requireNonNull(until, "until");
    requireNonNull(deadline, "deadline");
  }

  /** Whether the owner may no longer count on it. */
  public boolean isOver(Instant now) {
    return now.isAfter(until) || now.isAfter(deadline);
  }
}
