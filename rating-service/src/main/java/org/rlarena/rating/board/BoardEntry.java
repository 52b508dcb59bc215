package org.rlarena.rating.board;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/**
 * Where an agent stands on the boards; in the database there is an index in the order of each. Kept
 * by triggers on {@code known_agent}, {@code active_submission} and {@code rating}, never written
 * from here but for {@link StartRating}.
 */
@Entity
@Immutable
@Table(name = "board_entry")
class BoardEntry {

  @Id UUID agentId;
  String environmentId;
  Instant createdAt;

  /** Whether the agent is known and not deleted. */
  boolean listed;

  /** Whether it has a version that plays. */
  boolean playing;

  /** In Elo points; the start rating without a rated match. */
  int elo;

  protected BoardEntry() {}
}
