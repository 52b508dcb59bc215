package org.rlarena.match.play;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.matches.Lease;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.MatchPublisher;
import org.rlarena.match.matches.Matches;

/**
 * Hands waiting matches to workers, one by one for all replicas together, so that no executor gets
 * more than it can take. Dying after a lease was committed leaves it to run out; the match is then
 * played again under a new attempt.
 */
@ApplicationScoped
class Leases {

  /** Serialises leasing between replicas; any constant that nothing else here uses. */
  private static final long LEASING = 0x6d61746368L;

  /** After a fault another executor is tried; after so long the same one will do. */
  private static final Duration ANOTHER_PLACE_PREFERRED = Duration.ofSeconds(10);

  private static final String WAITING =
      """
      from match m where m.state = 'pending' and m.not_before <= :now
        and m.environment_id in (:environments)
      """;

  private final Matches matches;
  private final Attempts attempts;
  private final MatchPublisher publisher;
  private final EntityManager entities;
  private final Clock clock;
  private final Duration lease;
  private final Duration attemptTime;
  private final int challengePercentage;

  Leases(
      Matches matches,
      Attempts attempts,
      MatchPublisher publisher,
      EntityManager entities,
      Clock clock,
      MatchConfig config) {
    this.matches = matches;
    this.attempts = attempts;
    this.publisher = publisher;
    this.entities = entities;
    this.clock = clock;
    this.lease = config.lease();
    this.attemptTime = config.timeout().plus(config.margin());
    this.challengePercentage = config.challenges().slotPercentage();
  }

  /**
   * Leases the match that has waited longest and may be played there.
   *
   * @param owner the process that will play it
   * @param place where
   * @param places all places there are, for the share of challenges
   * @return empty when the place is full or nothing waits for it
   */
  @Transactional
  Optional<Assignment> next(String owner, Place place, List<Place> places) {
    if (place.environments().isEmpty()) {
      return Optional.empty();
    }
    lockLeasing();
    if (running("m.place = :value", place.name()) >= place.capacity()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    Optional<UUID> id = waiting(place, places.size() == 1, mayChallenge(places, place, now), now);
    return id.flatMap(matches::locked).map(match -> start(match, owner, place, now));
  }

  /**
   * Renews leases.
   *
   * @return those attempts that still hold their match and have time left
   */
  @Transactional
  Set<UUID> renew(Collection<UUID> attemptIds) {
    if (attemptIds.isEmpty()) {
      return Set.of();
    }
    Instant now = clock.instant();
    @SuppressWarnings("unchecked")
    List<UUID> renewed =
        entities
            .createNativeQuery(
                """
                update match set lease_until = :until
                where state = 'running' and attempt_id in (:attempts) and attempt_deadline > :now
                returning attempt_id
                """,
                UUID.class)
            .setParameter("until", now.plus(lease))
            .setParameter("attempts", attemptIds)
            .setParameter("now", now)
            .getResultList();
    return new HashSet<>(renewed);
  }

  private Assignment start(Match match, String owner, Place place, Instant now) {
    UUID attemptId = UUID.randomUUID();
    Instant deadline = now.plus(attemptTime);
    match.start(new Lease(attemptId, owner, place.name(), now.plus(lease), deadline), now);
    attempts.begin(attemptId, match.id(), place.name(), now);
    publisher.started(match);
    return new Assignment(
        match.id(),
        attemptId,
        place.name(),
        match.environmentId(),
        match.seed(),
        deadline,
        match.participants().stream()
            .map(
                p ->
                    new Assignment.Player(
                        p.agentId(), p.agentName(), p.version(), p.bundle(), p.imageDigest()))
            .toList(),
        match.traceparent());
  }

  private Optional<UUID> waiting(Place place, boolean onlyPlace, boolean challenges, Instant now) {
    @SuppressWarnings("unchecked")
    List<UUID> found =
        entities
            .createNativeQuery(
                "select m.id "
                    + WAITING
                    + """
                      and (:challenges or m.kind <> 'challenge')
                      and (:only or m.last_fault_place is distinct from :place
                        or m.not_before < :patience)
                      order by m.created_at, m.id limit 1 for update skip locked
                      """,
                UUID.class)
            .setParameter("now", now)
            .setParameter("environments", place.environments())
            .setParameter("challenges", challenges)
            .setParameter("only", onlyPlace)
            .setParameter("place", place.name())
            .setParameter("patience", now.minus(ANOTHER_PLACE_PREFERRED))
            .getResultList();
    return found.stream().findFirst();
  }

  /** While rated matches wait, challenges hold a share of all slots, and one slot at least. */
  private boolean mayChallenge(List<Place> places, Place place, Instant now) {
    int slots = places.stream().mapToInt(Place::capacity).sum();
    long share = Math.max(1, (long) slots * challengePercentage / 100);
    return running("m.kind = :value", "challenge") < share || !ratedWaits(place, now);
  }

  private boolean ratedWaits(Place place, Instant now) {
    return (boolean)
        entities
            .createNativeQuery(
                "select exists (select 1 " + WAITING + " and m.rated)", Boolean.class)
            .setParameter("now", now)
            .setParameter("environments", place.environments())
            .getSingleResult();
  }

  private long running(String condition, String value) {
    return ((Number)
            entities
                .createNativeQuery(
                    "select count(*) from match m where m.state = 'running' and " + condition,
                    Long.class)
                .setParameter("value", value)
                .getSingleResult())
        .longValue();
  }

  private void lockLeasing() {
    entities
        .createNativeQuery("select 1 from pg_advisory_xact_lock(:key)")
        .setParameter("key", LEASING)
        .getSingleResult();
  }
}
