package org.rlarena.match.play;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.MatchPublisher;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.Participant;
import org.rlarena.match.matches.UnplayableSubmissions;

/**
 * Bounds what a version can cost on which executors keep failing. It is taken out of play when
 * within its last 20 matches 3 attempts failed on the platform's side, while attempts of others on
 * those executors were sound in the same time. The failed attempts must be of two matches at least:
 * of one match alone nobody can tell which of the two agents it was.
 */
@ApplicationScoped
class FaultySubmissions {

  private static final Logger LOG = Logger.getLogger(FaultySubmissions.class);
  private static final int MATCHES_LOOKED_AT = 20;
  private static final int FAULTS = 3;
  private static final int MATCHES_WITH_FAULTS = 2;
  private static final int SOUND_ATTEMPTS_OF_OTHERS = 3;

  private static final String RECENT_FAULTS =
      """
      with faults as (
        select a.place, a.started_at, a.match_id from match_attempt a
        where a.ending = 'fault' and a.match_id in (
          select m.id from match m join match_participant p on p.match_id = m.id
          where p.submission_id = :submission order by m.created_at desc limit :matches)
      ), others as (
        select a.ending from match_attempt a
        where a.place in (select place from faults)
          and a.started_at >= (select min(started_at) from faults)
          and not exists (select 1 from match_participant p
            where p.match_id = a.match_id and p.submission_id = :submission)
      )
      select (select count(*) from faults), (select count(distinct match_id) from faults),
        (select count(*) from others where ending = 'played'),
        (select count(*) from others where ending = 'fault')
      """;

  private final Matches matches;
  private final MatchPublisher publisher;
  private final UnplayableSubmissions unplayable;
  private final EntityManager entities;

  FaultySubmissions(
      Matches matches,
      MatchPublisher publisher,
      UnplayableSubmissions unplayable,
      EntityManager entities) {
    this.matches = matches;
    this.publisher = publisher;
    this.unplayable = unplayable;
    this.entities = entities;
  }

  /** Judges the versions of a match after one of its attempts failed; part of that transaction. */
  void judge(Match match, Instant now) {
    entities.flush();
    for (Participant participant : match.participants()) {
      if (isUnplayable(participant.submissionId())) {
        exclude(participant, now);
      }
    }
  }

  private boolean isUnplayable(UUID submissionId) {
    Object[] row =
        (Object[])
            entities
                .createNativeQuery(RECENT_FAULTS, Object[].class)
                .setParameter("submission", submissionId)
                .setParameter("matches", MATCHES_LOOKED_AT)
                .getSingleResult();
    long faults = ((Number) row[0]).longValue();
    long faultyMatches = ((Number) row[1]).longValue();
    long soundOthers = ((Number) row[2]).longValue();
    long faultyOthers = ((Number) row[3]).longValue();
    return faults >= FAULTS
        && faultyMatches >= MATCHES_WITH_FAULTS
        && soundOthers >= SOUND_ATTEMPTS_OF_OTHERS
        && faultyOthers * 4 <= soundOthers;
  }

  private void exclude(Participant culprit, Instant now) {
    String message =
        "Version %d of %s is not played any more: executors kept failing on it while they played others well. Submit a new version."
            .formatted(culprit.version(), culprit.agentName());
    if (unplayable.add(culprit.submissionId(), culprit.agentId(), message, now)) {
      LOG.warnf("Submission %s is out of play", culprit.submissionId());
      List<Match> waiting = matches.pendingOfSubmission(culprit.submissionId());
      for (Match match : waiting) {
        match.giveUp(new Failure(UnplayableSubmissions.REASON, message), now);
        publisher.over(match);
      }
    }
  }
}
