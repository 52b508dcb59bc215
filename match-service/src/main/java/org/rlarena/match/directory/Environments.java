package org.rlarena.match.directory;

import static java.util.Objects.requireNonNull;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;

/** The catalogue of environments. Writing repeats safely; a lower sequence changes nothing. */
@ApplicationScoped
public class Environments implements PanacheRepositoryBase<EnvironmentEntry, String> {

  /** Takes the state unless a newer one is known. */
  public void put(EnvironmentChanged changed) {
    getEntityManager()
        .createNativeQuery(
            """
            insert into environment_entry (environment_id, sequence, version, playable, min_players,
              max_players)
            values (:id, :sequence, :version, :playable, :min, :max)
            on conflict (environment_id) do update
              set sequence = excluded.sequence, version = excluded.version,
                  playable = excluded.playable, min_players = excluded.min_players,
                  max_players = excluded.max_players
              where excluded.sequence > environment_entry.sequence
            """)
        .setParameter("id", changed.environmentId())
        .setParameter("sequence", changed.sequence())
        .setParameter("version", changed.version())
        .setParameter("playable", changed.enabled() && changed.offered())
        .setParameter("min", changed.minPlayers())
        .setParameter("max", changed.maxPlayers())
        .executeUpdate();
  }

  /** What this service reads of {@code environment.changed.v1}. */
  @RegisterForReflection
  public record EnvironmentChanged(
      String environmentId,
      long sequence,
      String version,
      boolean enabled,
      boolean offered,
      int minPlayers,
      int maxPlayers) {

    public EnvironmentChanged {
      requireNonNull(environmentId, "environmentId");
      requireNonNull(version, "version");
    }
  }
}
