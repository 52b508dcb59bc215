package org.rlarena.matchmaking.queue;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.matchmaking.model.PairingSettings;

/**
 * An agent that wants to play. It rests until {@link #readyAt} and waits from then on. Entries
 * never expire.
 *
 * <p>Rounds change entries under their rows' locks, hence no optimistic version.
 */
@Entity
@Table(name = "queue_entry")
public class QueueEntry {

  @Id UUID agentId;
  String environmentId;
  Instant readyAt;
  Instant lookAt;

  protected QueueEntry() {}

  public UUID agentId() {
    return agentId;
  }

  /** From when on the agent may play, UTC; it waits since then. */
  public Instant readyAt() {
    return readyAt;
  }

  /** The agent turned out to need rest. */
  public void rest(Instant until) {
    readyAt = until;
    lookAt = until;
  }

  /** A round found no opponent: looks again when the agent's window widens. */
  public void keepWaiting(PairingSettings settings, Instant now) {
    lookAt = settings.nextWidening(readyAt, now).orElse(null);
  }
}
