package org.rlarena.match.rerun;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.UUID;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.match.MatchError;
import org.rlarena.match.directory.Agents;
import org.rlarena.match.directory.EnvironmentEntry;
import org.rlarena.match.directory.Environments;
import org.rlarena.match.matches.CreateMatch;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.MatchKind;
import org.rlarena.match.matches.MatchView;
import org.rlarena.match.matches.MatchViews;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.NewMatch;
import org.rlarena.match.matches.Participant;
import org.rlarena.match.matches.Seat;
import org.rlarena.match.matches.UnplayableSubmissions;

/**
 * Plays a match again: a new match with the same versions in the same seats and the same seed. It
 * is never rated, for the ledger is not rewritten; the old match and its rating stay as they are. A
 * match that the platform gave up is not made rated either: the ladder pairs its agents again by
 * itself.
 */
@ApplicationScoped
class RerunMatch {

  private final Matches matches;
  private final CreateMatch createMatch;
  private final Agents agents;
  private final Environments environments;
  private final UnplayableSubmissions unplayable;
  private final MatchViews views;
  private final AuditLog audit;

  RerunMatch(
      Matches matches,
      CreateMatch createMatch,
      Agents agents,
      Environments environments,
      UnplayableSubmissions unplayable,
      MatchViews views,
      AuditLog audit) {
    this.matches = matches;
    this.createMatch = createMatch;
    this.agents = agents;
    this.environments = environments;
    this.unplayable = unplayable;
    this.views = views;
    this.audit = audit;
  }

  /**
   * Makes the new match.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code match_not_found}, {@code
   *     match_not_over}, {@code agent_deleted}, {@code submission_unplayable} or {@code
   *     environment_not_offered}
   */
  @Transactional
  MatchView rerun(Caller admin, UUID id, String reason) {
    Match old =
        matches
            .findByIdOptional(id)
            .orElseThrow(
                () -> MatchError.MATCH_NOT_FOUND.because("There is no match %s.".formatted(id)));
    if (!old.isOver()) {
      throw MatchError.MATCH_NOT_OVER.because("This match is not over yet; wait for its end.");
    }
    List<Seat> seats = old.participants().stream().map(RerunMatch::seat).toList();
    requirePlayable(seats);
    EnvironmentEntry environment =
        environments
            .findByIdOptional(old.environmentId())
            .filter(entry -> entry.isPlayableBy(seats.size()))
            .orElseThrow(
                () ->
                    MatchError.ENVIRONMENT_NOT_OFFERED.because(
                        "%s is not played at the moment. Try again later."
                            .formatted(old.environmentId())));
    Match again =
        createMatch.create(
            new NewMatch(
                UUID.randomUUID(),
                MatchKind.CHALLENGE,
                false,
                old.environmentId(),
                environment.version(),
                old.seed(),
                null,
                admin.userId(),
                seats));
    audit.add(admin, "match.rerun", id + " as " + again.id(), reason);
    return views.of(again);
  }

  private void requirePlayable(List<Seat> seats) {
    List<UUID> agentIds = seats.stream().map(Seat::agentId).toList();
    if (agents.byId(agentIds).values().stream().anyMatch(agent -> agent.isDeleted())) {
      throw MatchError.AGENT_DELETED.because(
          "An agent of this match was deleted, and its code with it.");
    }
    unplayable
        .among(seats.stream().map(Seat::submissionId).toList())
        .ifPresent(
            why -> {
              throw MatchError.SUBMISSION_UNPLAYABLE.because(why.message());
            });
  }

  private static Seat seat(Participant participant) {
    return new Seat(
        participant.agentId(),
        participant.agentName(),
        participant.ownerId(),
        participant.submissionId(),
        participant.version(),
        participant.bundle(),
        participant.imageDigest().orElse(null));
  }
}
