package org.rlarena.rating.board;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** How many agents an environment has; counted by a trigger on {@link BoardEntry}'s table. */
@Entity
@Immutable
@Table(name = "board_size")
class BoardSize {

  @Id String environmentId;

  /** Agents known and not deleted. */
  long listed;

  /** Those of them that have a version that plays. */
  long playing;

  protected BoardSize() {}
}
