package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.directory.Agents;

/**
 * Makes a match out of a request, in the caller's transaction: the row and its event commit
 * together or not at all. A request that cannot stand becomes a cancelled match, so that whoever
 * asked hears of it.
 */
@ApplicationScoped
public class CreateMatch {

  private final Matches matches;
  private final Agents agents;
  private final MatchPublisher publisher;
  private final UnplayableSubmissions unplayable;
  private final Event<MatchWaiting> waiting;
  private final Clock clock;

  CreateMatch(
      Matches matches,
      Agents agents,
      MatchPublisher publisher,
      UnplayableSubmissions unplayable,
      Event<MatchWaiting> waiting,
      Clock clock) {
    this.matches = matches;
    this.agents = agents;
    this.publisher = publisher;
    this.unplayable = unplayable;
    this.waiting = waiting;
    this.clock = clock;
  }

  /**
   * Makes the match, or finds that its id is known: then nothing happens.
   *
   * <p>Two requests for one agent at the same moment: the later one violates the unique index on
   * open rated matches, and the exception makes the caller try again, now seeing the other.
   */
  @Transactional(Transactional.TxType.MANDATORY)
  public Match create(NewMatch wanted) {
    Optional<Match> known = matches.findByIdOptional(wanted.id());
    if (known.isPresent()) {
      return known.get();
    }
    Instant now = clock.instant();
    Optional<Failure> obstacle = obstacle(wanted);
    Match match = Match.waiting(wanted, now);
    // Before it is stored: a cancelled match must not touch the index of open rated matches.
    obstacle.ifPresent(why -> refuse(match, why, now));
    if (match.isOver()) {
      publisher.over(match);
    } else {
      publisher.created(match);
      waiting.fire(new MatchWaiting());
    }
    matches.persistAndFlush(match);
    return match;
  }

  private static void refuse(Match match, Failure why, Instant now) {
    if (why.reason().equals(UnplayableSubmissions.REASON)) {
      match.giveUp(why, now);
    } else {
      match.cancel(why, now);
    }
  }

  private Optional<Failure> obstacle(NewMatch wanted) {
    List<UUID> agentIds = wanted.seats().stream().map(Seat::agentId).toList();
    if (agents.byId(agentIds).values().stream().anyMatch(a -> a.isDeleted())) {
      return Optional.of(Failure.AGENT_DELETED);
    }
    if (wanted.rated() && matches.anyOpenRated(agentIds)) {
      return Optional.of(Failure.ALREADY_PLAYING);
    }
    return unplayable.among(wanted.seats().stream().map(Seat::submissionId).toList());
  }
}
