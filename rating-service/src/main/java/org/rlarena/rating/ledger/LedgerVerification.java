package org.rlarena.rating.ledger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.rlarena.rating.model.Contestant;
import org.rlarena.rating.model.Elo;
import org.rlarena.rating.model.EloSettings;
import org.rlarena.rating.model.Outcome;

/**
 * Recomputes every rating from the ledger alone and compares it with what is stored, row by row:
 * each entry's changes, the numbering, and the ratings that the entries add up to.
 */
@ApplicationScoped
class LedgerVerification {

  private static final int BATCH = 500;
  private static final int REPORTED = 100;

  private final Ledger ledger;
  private final Ratings ratings;
  private final SettingsVersions versions;
  private final EntityManager entities;

  LedgerVerification(
      Ledger ledger, Ratings ratings, SettingsVersions versions, EntityManager entities) {
    this.ledger = ledger;
    this.ratings = ratings;
    this.versions = versions;
    this.entities = entities;
  }

  /**
   * What the comparison found.
   *
   * @param equal whether nothing differs
   * @param entries rated matches replayed
   * @param agents ratings compared
   * @param differences the first {@value #REPORTED} differences, as sentences
   */
  record Report(boolean equal, long entries, int agents, List<String> differences) {}

  /** Where the replay has brought an agent. */
  private record Standing(int elo, int wins, int losses, int draws) {
    int games() {
      return wins + losses + draws;
    }

    Standing after(Outcome outcome, int newElo) {
      return switch (outcome) {
        case WIN -> new Standing(newElo, wins + 1, losses, draws);
        case LOSS -> new Standing(newElo, wins, losses + 1, draws);
        case DRAW -> new Standing(newElo, wins, losses, draws + 1);
      };
    }
  }

  /** Replays the whole ledger; sees one moment of it, however long it takes. */
  @Transactional
  Report verify() {
    entities
        .createNativeQuery("set transaction isolation level repeatable read, read only")
        .executeUpdate();
    var differences = new ArrayList<String>();
    Map<UUID, Standing> standings = new HashMap<>();
    Map<Integer, EloSettings> settings = versions.all();
    long last = 0;
    for (var batch = ledger.after(0, BATCH); !batch.isEmpty(); batch = ledger.after(last, BATCH)) {
      for (LedgerEntry entry : batch) {
        if (entry.number != last + 1) {
          differences.add("Entry %d follows entry %d".formatted(entry.number, last));
        }
        last = entry.number;
        replay(entry, settings.get(entry.settingsVersion), standings, differences);
      }
      entities.clear();
    }
    compareRatings(standings, differences);
    return new Report(
        differences.isEmpty(),
        last,
        standings.size(),
        differences.stream().limit(REPORTED).toList());
  }

  private static void replay(
      LedgerEntry entry,
      EloSettings settings,
      Map<UUID, Standing> standings,
      List<String> differences) {
    List<Integer> ranks = entry.changes.stream().map(LedgerChange::rank).toList();
    var start = new Standing(settings.start(), 0, 0, 0);
    List<Contestant> contestants =
        entry.changes.stream()
            .map(
                stored -> {
                  Standing before = standings.getOrDefault(stored.agentId(), start);
                  return new Contestant(before.elo(), before.games(), stored.rank());
                })
            .toList();
    List<Integer> after = Elo.rate(settings, contestants);
    for (int seat = 0; seat < after.size(); seat++) {
      LedgerChange stored = entry.changes.get(seat);
      Standing before = standings.getOrDefault(stored.agentId(), start);
      Outcome outcome = Outcome.of(stored.rank(), ranks);
      Standing now = before.after(outcome, after.get(seat));
      standings.put(stored.agentId(), now);
      var expected =
          new LedgerChange(
              stored.agentId(),
              stored.ownerId(),
              stored.submissionId(),
              stored.version(),
              stored.rank(),
              outcome,
              before.elo(),
              now.elo(),
              now.elo() - before.elo(),
              now.games(),
              now.wins(),
              now.losses(),
              now.draws());
      if (!expected.equals(stored)) {
        differences.add(
            "Entry %d, seat %d: stored %s, recomputed %s"
                .formatted(entry.number, seat, stored, expected));
      }
    }
  }

  private void compareRatings(Map<UUID, Standing> standings, List<String> differences) {
    Set<UUID> stored = new HashSet<>();
    for (Rating rating : ratings.listAll()) {
      stored.add(rating.agentId);
      var standing = new Standing(rating.elo, rating.wins, rating.losses, rating.draws);
      if (!standing.equals(standings.get(rating.agentId))) {
        differences.add(
            "Agent %s: stored %s, recomputed %s"
                .formatted(rating.agentId, standing, standings.get(rating.agentId)));
      }
    }
    standings.keySet().stream()
        .filter(agent -> !stored.contains(agent))
        .forEach(agent -> differences.add("Agent %s has entries but no rating".formatted(agent)));
  }
}
