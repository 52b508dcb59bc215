package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many agents that play stand above a rating, over all environments. To count them, the
 * database reads the board's index down to that rating; so this is done for all ratings together,
 * once in a second at most, and not at each question. Thread-safe.
 */
@ApplicationScoped
class PlayingRatings {

  private static final Duration LIFETIME = Duration.ofSeconds(1);

  private final EntityManager entities;
  private final Clock clock;
  private Instant readAt = Instant.MIN;
  private NavigableMap<Integer, Long> standing = new TreeMap<>();

  PlayingRatings(EntityManager entities, Clock clock) {
    this.entities = entities;
    this.clock = clock;
  }

  /** Agents rated higher, a second ago or later. */
  long above(int elo) {
    Map.Entry<Integer, Long> next = standing().higherEntry(elo);
    return next == null ? 0 : next.getValue();
  }

  /** How many stand at each rating or above it; never changed once it is made. */
  private synchronized NavigableMap<Integer, Long> standing() {
    Instant now = clock.instant();
    // a clock that was set back must not keep it for longer
    if (now.isBefore(readAt) || now.isAfter(readAt.plus(LIFETIME))) {
      standing = read();
      readAt = now;
    }
    return standing;
  }

  private NavigableMap<Integer, Long> read() {
    NavigableMap<Integer, Long> read = new TreeMap<>();
    long agents = 0;
    for (Object[] row :
        entities
            .createQuery(
                """
                select e.elo, count(*) from BoardEntry e where e.listed and e.playing
                group by e.elo order by e.elo desc
                """,
                Object[].class)
            .getResultList()) {
      agents += (long) row[1];
      read.put((int) row[0], agents);
    }
    return read;
  }
}
