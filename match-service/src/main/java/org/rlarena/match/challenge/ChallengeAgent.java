package org.rlarena.match.challenge;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.MatchError;
import org.rlarena.match.directory.ActiveVersion;
import org.rlarena.match.directory.AgentEntry;
import org.rlarena.match.directory.EnvironmentEntry;
import org.rlarena.match.directory.Environments;
import org.rlarena.match.directory.LookUp;
import org.rlarena.match.matches.CreateMatch;
import org.rlarena.match.matches.MatchKind;
import org.rlarena.match.matches.MatchView;
import org.rlarena.match.matches.MatchViews;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.NewMatch;
import org.rlarena.match.matches.Seat;
import org.rlarena.match.matches.UnplayableSubmissions;

/**
 * Makes a match out of a user's wish. Limits are checked and the match is made in one transaction
 * under a lock on the user, so that parallel requests cannot pass a limit together. Dying before it
 * commits leaves nothing; after it the match will be played.
 */
@ApplicationScoped
class ChallengeAgent {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final LookUp lookUp;
  private final Environments environments;
  private final Matches matches;
  private final CreateMatch createMatch;
  private final UnplayableSubmissions unplayable;
  private final MatchViews views;
  private final EntityManager entities;
  private final Clock clock;
  private final int perMinute;
  private final int perDay;
  private final SecureRandom random = new SecureRandom();

  ChallengeAgent(
      LookUp lookUp,
      Environments environments,
      Matches matches,
      CreateMatch createMatch,
      UnplayableSubmissions unplayable,
      MatchViews views,
      EntityManager entities,
      Clock clock,
      MatchConfig config) {
    this.lookUp = lookUp;
    this.environments = environments;
    this.matches = matches;
    this.createMatch = createMatch;
    this.unplayable = unplayable;
    this.views = views;
    this.entities = entities;
    this.clock = clock;
    this.perMinute = config.challenges().perMinute();
    this.perDay = config.challenges().perDay();
  }

  /**
   * Makes the match.
   *
   * @param once runs the creation, in its transaction
   * @return the waiting match
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code same_agent}, {@code
   *     agent_not_found}, {@code not_owner}, {@code different_environments}, {@code
   *     agent_disabled}, {@code no_active_submission}, {@code submission_unplayable}, {@code
   *     environment_not_offered}, {@code too_many_challenges} or {@code neighbour_unavailable}
   */
  MatchView challenge(
      UUID userId, UUID agent1Id, UUID agent2Id, Function<Supplier<MatchView>, MatchView> once) {
    if (agent1Id.equals(agent2Id)) {
      throw MatchError.SAME_AGENT.because("Name two different agents.");
    }
    AgentEntry agent1 = lookUp.agent(agent1Id);
    AgentEntry agent2 = lookUp.agent(agent2Id);
    boolean ownsFirst = userId.equals(agent1.ownerId());
    if (!ownsFirst && !userId.equals(agent2.ownerId())) {
      throw MatchError.NOT_OWNER.because("One of the two agents must be your own.");
    }
    if (!agent1.environmentId().equals(agent2.environmentId())) {
      throw MatchError.DIFFERENT_ENVIRONMENTS.because(
          "Agents must be in the same environment: %s plays %s, %s plays %s."
              .formatted(
                  agent1.name(), agent1.environmentId(), agent2.name(), agent2.environmentId()));
    }
    List<Seat> seats = List.of(seat(agent1), seat(agent2));
    UUID opponentId = ownsFirst ? agent2Id : agent1Id;
    return QuarkusTransaction.requiringNew()
        .call(() -> once.apply(() -> create(userId, opponentId, agent1.environmentId(), seats)));
  }

  private Seat seat(AgentEntry agent) {
    if (!agent.isEnabled()) {
      throw MatchError.AGENT_DISABLED.because(
          "%s was taken out of play by an administrator.".formatted(agent.name()));
    }
    ActiveVersion version =
        lookUp
            .activeVersion(agent.agentId())
            .orElseThrow(
                () ->
                    MatchError.NO_ACTIVE_SUBMISSION.because(
                        "%s has no active submission. Submit code for it or activate a version."
                            .formatted(agent.name())));
    return new Seat(
        agent.agentId(),
        agent.name(),
        agent.ownerId(),
        version.submissionId(),
        version.version(),
        version.bundle(),
        version.imageDigest().orElse(null));
  }

  private MatchView create(UUID userId, UUID opponentId, String environmentId, List<Seat> seats) {
    EnvironmentEntry environment =
        environments
            .findByIdOptional(environmentId)
            .filter(e -> e.isPlayableBy(seats.size()))
            .orElseThrow(
                () ->
                    MatchError.ENVIRONMENT_NOT_OFFERED.because(
                        "%s is not played at the moment. Try again later."
                            .formatted(environmentId)));
    unplayable
        .among(seats.stream().map(Seat::submissionId).toList())
        .ifPresent(
            why -> {
              throw MatchError.SUBMISSION_UNPLAYABLE.because(why.message());
            });
    lock(userId);
    checkLimits(userId, opponentId);
    return views.of(
        createMatch.create(
            new NewMatch(
                UUID.randomUUID(),
                MatchKind.CHALLENGE,
                false,
                environmentId,
                environment.version(),
                random.nextLong(1, NewMatch.MAX_SEED + 1),
                null,
                userId,
                seats)));
  }

  private void lock(UUID userId) {
    entities
        .createNativeQuery("select 1 from pg_advisory_xact_lock(hashtextextended(:user, 0))")
        .setParameter("user", "challenges of " + userId)
        .getSingleResult();
  }

  private void checkLimits(UUID userId, UUID opponentId) {
    Instant now = clock.instant();
    List<Instant> lately = matches.challengesBy(userId, now.minus(MINUTE));
    if (lately.size() >= perMinute) {
      Instant free = lately.get(lately.size() - perMinute).plus(MINUTE);
      throw MatchError.TOO_MANY_CHALLENGES.because(
          "You may make %d challenges a minute. Wait a little.".formatted(perMinute),
          secondsUntil(free, now));
    }
    List<Instant> today = matches.challengesWith(userId, opponentId, now.minus(DAY));
    if (today.size() >= perDay) {
      Instant free = today.get(today.size() - perDay).plus(DAY);
      throw MatchError.TOO_MANY_CHALLENGES.because(
          "You may challenge one agent %d times a day. Choose another one.".formatted(perDay),
          secondsUntil(free, now));
    }
  }

  private static long secondsUntil(Instant free, Instant now) {
    return Duration.between(now, free).plusMillis(999).toSeconds();
  }
}
