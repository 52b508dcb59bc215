package org.rlarena.rating.ledger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;
import org.rlarena.rating.RatingConfig;
import org.rlarena.rating.model.Elo;
import org.rlarena.rating.model.EloSettings;
import org.rlarena.rating.model.Outcome;

/**
 * Rates one finished match in one transaction: ratings, ledger entry and {@code rating.changed} are
 * all there or not at all. If the process dies before the commit, the event is delivered again and
 * the match is rated then; if it dies after, the repeat finds the entry and changes nothing.
 *
 * <p>Order of locks: the participants' ratings by agent id, then the ledger's counter. Both are
 * held until the commit. The counter comes last, so matches without a common agent are computed
 * side by side and only append one after another. Since two matches of one agent follow each other
 * through the agent's lock, their numbers are in the order in which they were computed, and
 * replaying the ledger by number gives the same ratings. The outbox row is written under the
 * counter's lock too, so events leave in ledger order.
 */
@ApplicationScoped
class RateMatch {

  private final Ratings ratings;
  private final Ledger ledger;
  private final SettingsVersions versions;
  private final Outbox outbox;
  private final EloSettings settings;
  private final Clock clock;

  RateMatch(
      Ratings ratings,
      Ledger ledger,
      SettingsVersions versions,
      Outbox outbox,
      RatingConfig config,
      Clock clock) {
    this.ratings = ratings;
    this.ledger = ledger;
    this.versions = versions;
    this.outbox = outbox;
    this.settings = config.elo();
    this.clock = clock;
  }

  /** Rates the match if it counts and is not in the ledger yet. */
  @Transactional(Transactional.TxType.MANDATORY)
  void rate(MatchFinished match) {
    if (!match.rated()) {
      return;
    }
    Map<UUID, Rating> standings = ratings.lock(match, settings.start());
    // asked under the locks: whoever rates the same match at the same time waits for them
    if (ledger.contains(match.matchId())) {
      return;
    }
    List<LedgerChange> changes = record(settings, match, standings);
    int version = versions.versionOf(settings);
    var entry = new LedgerEntry(ledger.nextNumber(), match, version, changes, clock.instant());
    ledger.persist(entry);
    outbox.add(
        new Event(
            RatingChanged.TOPIC,
            match.environmentId(),
            RatingChanged.TYPE,
            match.matchId().toString(),
            RatingChanged.of(entry)));
  }

  /** Moves the standings of the participants; what changed, in seat order. */
  static List<LedgerChange> record(
      EloSettings settings, MatchFinished match, Map<UUID, Rating> standings) {
    var participants = match.participants();
    List<Integer> ranks = match.ranks();
    List<Integer> after =
        Elo.rate(
            settings,
            participants.stream()
                .map(seat -> standings.get(seat.agentId()).contestant(seat.rank()))
                .toList());
    return IntStream.range(0, participants.size())
        .mapToObj(
            seat -> {
              var participant = participants.get(seat);
              return standings
                  .get(participant.agentId())
                  .record(participant, Outcome.of(participant.rank(), ranks), after.get(seat));
            })
        .toList();
  }
}
