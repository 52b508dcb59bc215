package org.rlarena.rating.ledger;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.rlarena.rating.model.Contestant;
import org.rlarena.rating.model.Outcome;

/**
 * Where an agent stands after its newest rated match. Every update holds the row's lock (see {@link
 * Ratings#lock}), so there is no optimistic version: a loser of that race waits instead of failing.
 */
@Entity
@Table(name = "rating")
public class Rating {

  @Id UUID agentId;
  String environmentId;
  UUID ownerId;
  int elo;
  int wins;
  int losses;
  int draws;

  protected Rating() {}

  /** The agent's seat in a match that it enters with this rating. */
  Contestant contestant(int rank) {
    return new Contestant(elo, games(), rank);
  }

  /** Rated matches so far. */
  int games() {
    return wins + losses + draws;
  }

  /**
   * Takes in one match.
   *
   * @param newElo the rating the match leads to
   * @return what changed, for the ledger
   */
  LedgerChange record(MatchFinished.Participant participant, Outcome outcome, int newElo) {
    int before = elo;
    elo = newElo;
    switch (outcome) {
      case WIN -> wins++;
      case LOSS -> losses++;
      case DRAW -> draws++;
    }
    return new LedgerChange(
        agentId,
        participant.ownerId(),
        participant.submissionId(),
        participant.version(),
        participant.rank(),
        outcome,
        before,
        elo,
        elo - before,
        games(),
        wins,
        losses,
        draws);
  }
}
