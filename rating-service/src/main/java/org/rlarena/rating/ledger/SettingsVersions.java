package org.rlarena.rating.ledger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rlarena.rating.model.EloSettings;

/** The constants that matches were rated under, each set of them under a number of its own. */
@ApplicationScoped
class SettingsVersions {

  private static final String COLUMNS =
      """
      (start_rating, floor_rating, newcomer_k, newcomer_games, settling_k, settling_games,
       established_k)""";
  private static final String VALUES =
      " (:start, :floor, :newcomerK, :newcomerGames, :settlingK, :settlingGames, :establishedK)";

  private final EntityManager entities;

  SettingsVersions(EntityManager entities) {
    this.entities = entities;
  }

  /** The number of these settings; their first use gives them one. */
  int versionOf(EloSettings settings) {
    return find(settings).orElseGet(() -> insert(settings));
  }

  /** All that were ever used, by number. */
  Map<Integer, EloSettings> all() {
    @SuppressWarnings("unchecked")
    List<Tuple> rows =
        entities.createNativeQuery("select * from rating_settings", Tuple.class).getResultList();
    var settings = new HashMap<Integer, EloSettings>();
    for (Tuple row : rows) {
      settings.put(
          row.get("version", Integer.class),
          new EloSettings(
              row.get("start_rating", Integer.class),
              row.get("floor_rating", Integer.class),
              row.get("newcomer_k", Integer.class),
              row.get("newcomer_games", Integer.class),
              row.get("settling_k", Integer.class),
              row.get("settling_games", Integer.class),
              row.get("established_k", Integer.class)));
    }
    return settings;
  }

  private int insert(EloSettings settings) {
    String insert = "insert into rating_settings " + COLUMNS + " values" + VALUES;
    bind(entities.createNativeQuery(insert + " on conflict do nothing"), settings).executeUpdate();
    // read back: another replica may have been first
    return find(settings).orElseThrow();
  }

  private Optional<Integer> find(EloSettings settings) {
    String select = "select version from rating_settings where " + COLUMNS + " =" + VALUES;
    List<?> found =
        bind(entities.createNativeQuery(select, Integer.class), settings).getResultList();
    return found.isEmpty() ? Optional.empty() : Optional.of((Integer) found.getFirst());
  }

  private static Query bind(Query query, EloSettings settings) {
    return query
        .setParameter("start", settings.start())
        .setParameter("floor", settings.floor())
        .setParameter("newcomerK", settings.newcomerK())
        .setParameter("newcomerGames", settings.newcomerGames())
        .setParameter("settlingK", settings.settlingK())
        .setParameter("settlingGames", settings.settlingGames())
        .setParameter("establishedK", settings.establishedK());
  }
}
