package org.rlarena.matchmaking.round;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.rlarena.matchmaking.MatchmakingConfig;
import org.rlarena.matchmaking.history.Pairing;
import org.rlarena.matchmaking.history.PairingSeat;
import org.rlarena.matchmaking.history.Pairings;
import org.rlarena.matchmaking.model.Candidate;
import org.rlarena.matchmaking.model.Pair;
import org.rlarena.matchmaking.model.PairingSettings;
import org.rlarena.matchmaking.model.RestPolicy;
import org.rlarena.matchmaking.model.Round;
import org.rlarena.matchmaking.model.Seating;
import org.rlarena.matchmaking.queue.Playable;
import org.rlarena.matchmaking.queue.Players;
import org.rlarena.matchmaking.queue.Queue;
import org.rlarena.matchmaking.queue.QueueEntry;
import org.rlarena.matchmaking.roster.ActiveVersion;
import org.rlarena.matchmaking.roster.Environment;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;

/**
 * Plays one round of one environment in one transaction: pairings, the end of their agents' waiting
 * and the {@code match.requested} events are all there or not at all, so a process that dies in the
 * middle has paired nobody and the agents wait on.
 *
 * <p>The environment's row is held throughout: of several replicas one has a round at a time, and
 * the next one sees what it did. Should that ever fail, the index that allows an agent one open
 * match refuses the second pairing.
 */
@ApplicationScoped
class PlayRound {

  /** Seeds are exact in JSON numbers. */
  private static final long SEED_BOUND = 1L << 53;

  private final Roster roster;
  private final Queue queue;
  private final Players players;
  private final Pairings pairings;
  private final Outbox outbox;
  private final PairingSettings settings;
  private final Clock clock;
  private final Timer waiting;
  private final SecureRandom random = new SecureRandom();

  PlayRound(
      Roster roster,
      Queue queue,
      Players players,
      Pairings pairings,
      Outbox outbox,
      MatchmakingConfig config,
      Clock clock,
      MeterRegistry meters) {
    this.roster = roster;
    this.queue = queue;
    this.players = players;
    this.pairings = pairings;
    this.outbox = outbox;
    this.settings = config.pairing();
    this.clock = clock;
    this.waiting =
        Timer.builder("arena.matchmaking.waiting")
            .description("How long agents that were ready to play waited for an opponent")
            .publishPercentileHistogram(false)
            .register(meters);
  }

  /**
   * Pairs those who wait.
   *
   * @return how many pairs were made
   */
  @Transactional
  int in(String environmentId) {
    return roster
        .lock(environmentId)
        .filter(Environment::canPair)
        .map(environment -> pair(environment, clock.instant()))
        .orElse(0);
  }

  private int pair(Environment environment, Instant now) {
    List<QueueEntry> entries = queue.lockReady(environment.id(), now);
    Map<UUID, Playable> playable =
        players.find(entries.stream().map(QueueEntry::agentId).toList(), now);
    List<Candidate> candidates =
        entries.stream()
            .filter(entry -> playable.containsKey(entry.agentId()))
            .map(entry -> playable.get(entry.agentId()).waitingSince(entry.readyAt()))
            .toList();
    List<Pair> pairs = Round.pair(settings, candidates, now);
    requestMatches(environment, pairs, now);
    settle(entries, playable, pairs, now);
    return pairs.size();
  }

  private void requestMatches(Environment environment, List<Pair> pairs, Instant now) {
    var agents = new ArrayList<UUID>();
    pairs.forEach(pair -> agents.addAll(List.of(pair.one().agentId(), pair.other().agentId())));
    Map<UUID, ActiveVersion> versions = agents.isEmpty() ? Map.of() : roster.versions(agents);
    for (Pair pair : pairs) {
      requestMatch(environment, pair, versions, now);
      waiting.record(Duration.between(pair.one().waitingSince(), now));
      waiting.record(Duration.between(pair.other().waitingSince(), now));
    }
  }

  private void requestMatch(
      Environment environment, Pair pair, Map<UUID, ActiveVersion> versions, Instant now) {
    UUID matchId = UUID.randomUUID();
    long seed = random.nextLong(1, SEED_BOUND);
    List<Candidate> seats =
        Seating.seats(
            pair,
            pairings.satFirst(pair.one().agentId(), pair.other().agentId()),
            random.nextBoolean());
    pairings.persist(
        new Pairing(
            matchId,
            environment.id(),
            seed,
            pair.reason(),
            seats.stream().map(agent -> seat(agent, versions, now)).toList(),
            now));
    outbox.add(
        new Event(
            MatchRequested.TOPIC,
            matchId.toString(),
            MatchRequested.TYPE,
            matchId.toString(),
            new MatchRequested(
                matchId,
                1,
                environment.id(),
                environment.version(),
                seed,
                true,
                pair.reason().name().toLowerCase(Locale.ROOT),
                seats.stream()
                    .map(agent -> MatchRequested.Seat.of(versions.get(agent.agentId())))
                    .toList(),
                now)),
        traceOf(pair, versions));
  }

  /**
   * A version's first match belongs to the trace of its upload; of two first ones the older entry
   * counts. Later matches have no single cause.
   */
  private static Optional<String> traceOf(Pair pair, Map<UUID, ActiveVersion> versions) {
    return Stream.of(pair.one(), pair.other())
        .filter(agent -> agent.past().gamesOfVersion() == 0)
        .sorted(Comparator.comparing(Candidate::waitingSince))
        .flatMap(agent -> versions.get(agent.agentId()).traceparent().stream())
        .findFirst();
  }

  private static PairingSeat seat(Candidate agent, Map<UUID, ActiveVersion> versions, Instant now) {
    return new PairingSeat(
        agent.agentId(), versions.get(agent.agentId()).submissionId(), agent.rating(), now, true);
  }

  /** Those who play leave the queue, as do those who cannot play any more; the others wait on. */
  private void settle(
      List<QueueEntry> entries, Map<UUID, Playable> playable, List<Pair> pairs, Instant now) {
    var leaving = new HashSet<UUID>();
    pairs.forEach(pair -> leaving.addAll(List.of(pair.one().agentId(), pair.other().agentId())));
    for (QueueEntry entry : entries) {
      Playable agent = playable.get(entry.agentId());
      if (agent == null) {
        leaving.add(entry.agentId());
      } else if (!leaving.contains(entry.agentId())) {
        Instant rested = RestPolicy.earliest(agent.past(), settings, now);
        if (rested.isAfter(now)) {
          entry.rest(rested);
        } else {
          entry.keepWaiting(settings, now);
        }
      }
    }
    queue.leave(leaving);
  }
}
