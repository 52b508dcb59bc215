package org.rlarena.matchmaking.history;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** All rated matches that were ever asked for. */
@ApplicationScoped
public class Pairings implements PanacheRepositoryBase<Pairing, UUID> {

  private final EntityManager entities;

  Pairings(EntityManager entities) {
    this.entities = entities;
  }

  /** A pairing, locked until the transaction ends; empty if this service did not ask for it. */
  public Optional<Pairing> lock(UUID matchId) {
    return findByIdOptional(matchId, LockModeType.PESSIMISTIC_WRITE);
  }

  /** Remembers who sat first, after a game of two; their next one has the seats swapped. */
  public void rememberSeats(Pairing pairing) {
    UUID first = pairing.agents().getFirst();
    UUID second = pairing.agents().getLast();
    entities
        .createNativeQuery(
            """
            insert into meeting (agent_low, agent_high, sat_first, games)
            values (least(:first, :second), greatest(:first, :second), :first, 1)
            on conflict (agent_low, agent_high) do update set
              sat_first = excluded.sat_first, games = meeting.games + 1
            """)
        .setParameter("first", first)
        .setParameter("second", second)
        .executeUpdate();
  }

  /** Who sat first when the two last played each other. */
  public Optional<UUID> satFirst(UUID one, UUID other) {
    Stream<?> found =
        entities
            .createNativeQuery(
                """
                select sat_first from meeting
                where agent_low = least(:one, :other) and agent_high = greatest(:one, :other)
                """,
                UUID.class)
            .setParameter("one", one)
            .setParameter("other", other)
            .getResultStream();
    return found.map(UUID.class::cast).findFirst();
  }
}
