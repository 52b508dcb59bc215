package org.rlarena.agent.environments;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Tuple;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** All rows of the catalogue. Every method needs a running transaction. */
@ApplicationScoped
public class Environments implements PanacheRepositoryBase<Environment, String> {

  /** Whether agents can be created for this environment. */
  public boolean isKnown(String id) {
    return count("id", id) > 0;
  }

  /** Ids of all environments, sorted. */
  public List<String> ids() {
    return getEntityManager()
        .createQuery("select e.id from Environment e order by e.id", String.class)
        .getResultList();
  }

  List<Environment> sorted() {
    return listAll(Sort.by("id"));
  }

  /** The row, locked until the transaction ends. */
  Optional<Environment> lock(String id) {
    return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
  }

  /** All rows, locked in the order of their ids, so that two writers cannot block each other. */
  List<Environment> locked() {
    return find("from Environment order by id").withLock(LockModeType.PESSIMISTIC_WRITE).list();
  }

  /**
   * Makes this list of offers the newest one; concurrent merges wait here for each other.
   *
   * @return false if it is not newer than the one merged before
   */
  boolean advanceTo(long sequence) {
    return getEntityManager()
            .createNativeQuery(
                "update offer_feed set sequence = :sequence where id = 1 and sequence < :sequence")
            .setParameter("sequence", sequence)
            .executeUpdate()
        > 0;
  }

  /** Living agents of each environment that has any. */
  Map<String, Long> participants() {
    @SuppressWarnings("unchecked") // JPA has no typed native queries
    List<Tuple> rows =
        getEntityManager()
            .createNativeQuery(
                "select environment_id, count(*) from agent where deleted_at is null"
                    + " group by environment_id",
                Tuple.class)
            .getResultList();
    return rows.stream()
        .collect(Collectors.toMap(row -> row.get(0, String.class), row -> row.get(1, Long.class)));
  }
}
