package org.rlarena.rating.ledger;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.UUID;

/** All rated matches, in the order in which they were rated. */
@ApplicationScoped
class Ledger implements PanacheRepositoryBase<LedgerEntry, Long> {

  private final EntityManager entities;

  Ledger(EntityManager entities) {
    this.entities = entities;
  }

  boolean contains(UUID matchId) {
    return count("matchId", matchId) > 0;
  }

  /**
   * The number of the next entry. Locks the counter until the transaction ends: take it last, so
   * that matches without a common agent queue up only for the time of a few inserts.
   */
  long nextNumber() {
    return ((Number)
            entities
                .createNativeQuery(
                    "update ledger_counter set last_number = last_number + 1 returning last_number",
                    Long.class)
                .getSingleResult())
        .longValue();
  }

  /** Up to {@code limit} entries that follow {@code number}, in ledger order. */
  List<LedgerEntry> after(long number, int limit) {
    return find("number > ?1", Sort.by("number"), number).page(0, limit).list();
  }
}
