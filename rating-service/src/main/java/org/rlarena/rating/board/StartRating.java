package org.rlarena.rating.board;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import org.rlarena.rating.RatingConfig;

/**
 * Lets agents without a rated match stand where the configuration says. The boards' order needs
 * that number in the database; it is compared with the configuration once in a process, when the
 * first board is asked for, and not at the start, since the database may come up later.
 */
@ApplicationScoped
class StartRating {

  private final EntityManager entities;
  private final int start;
  private volatile boolean applied;

  @Inject
  StartRating(EntityManager entities, RatingConfig config) {
    this(entities, config.start());
  }

  StartRating(EntityManager entities, int start) {
    this.entities = entities;
    this.start = start;
  }

  /** Moves agents without a rated match to the start rating, if it has changed. */
  void ensure() {
    if (!applied) {
      QuarkusTransaction.requiringNew().run(this::apply);
      applied = true;
    }
  }

  private void apply() {
    int changed =
        entities
            .createNativeQuery("update board_start set elo = :start where elo <> :start")
            .setParameter("start", start)
            .executeUpdate();
    if (changed > 0) {
      entities
          .createNativeQuery("update board_entry set elo = :start where not rated")
          .setParameter("start", start)
          .executeUpdate();
    }
  }
}
