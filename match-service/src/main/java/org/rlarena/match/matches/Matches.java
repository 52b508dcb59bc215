package org.rlarena.match.matches;

import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Timeouts;
import org.rlarena.match.Paging;

/** All matches. */
@ApplicationScoped
public class Matches implements PanacheRepositoryBase<Match, UUID> {

  private static final String LOCK_TIMEOUT = "jakarta.persistence.lock.timeout";

  /** The match under its row's lock, waiting for others that hold it. */
  public Optional<Match> locked(UUID id) {
    return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
  }

  /** The match under its row's lock; empty as well when somebody else holds that. */
  public Optional<Match> lockedUnlessHeld(UUID id) {
    return find("id", id)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .withHint(LOCK_TIMEOUT, Timeouts.SKIP_LOCKED_MILLI)
        .firstResultOptional();
  }

  /** Waiting matches with this agent, locked. */
  List<Match> pendingOfAgent(UUID agentId) {
    return pending("p.agentId = ?1", agentId);
  }

  /** Waiting matches with an agent that is deleted, locked; not those that somebody else holds. */
  public List<Match> pendingWithDeletedAgent() {
    return find("from Match m where m.state = PENDING and exists (select 1 from Participant p, AgentEntry a"
            + " where p.match = m and a.agentId = p.agentId and a.deleted) order by m.id")
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .withHint(LOCK_TIMEOUT, Timeouts.SKIP_LOCKED_MILLI)
        .list();
  }

  /** Waiting matches that were made before then, locked; not those that somebody else holds. */
  public List<Match> pendingSince(Instant before) {
    return find("from Match m where m.state = PENDING and m.createdAt < ?1 order by m.id", before)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .withHint(LOCK_TIMEOUT, Timeouts.SKIP_LOCKED_MILLI)
        .list();
  }

  /** Ids of matches whose attempt has lost its worker or is out of time. */
  public List<UUID> overdue(Instant now) {
    return getEntityManager()
        .createQuery(
            "select m.id from Match m where m.state = RUNNING"
                + " and (m.lease.until < :now or m.lease.deadline < :now)",
            UUID.class)
        .setParameter("now", now)
        .getResultList();
  }

  /** Waiting matches with this version, locked. */
  public List<Match> pendingOfSubmission(UUID submissionId) {
    return pending("p.submissionId = ?1", submissionId);
  }

  private List<Match> pending(String condition, UUID id) {
    return find(
            "from Match m where m.state = PENDING and exists (select 1 from Participant p where"
                + " p.match = m and "
                + condition
                + ") order by m.id",
            id)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .list();
  }

  /** Whether one of the agents has a rated match that is not over. */
  boolean anyOpenRated(Collection<UUID> agentIds) {
    return getEntityManager()
            .createQuery(
                "select count(p) from Participant p where p.openRated and p.agentId in :agents",
                Long.class)
            .setParameter("agents", agentIds)
            .getSingleResult()
        > 0;
  }

  /** Times of a user's challenges since then, oldest first. */
  public List<Instant> challengesBy(UUID userId, Instant since) {
    return getEntityManager()
        .createQuery(
            "select m.createdAt from Match m where m.kind = CHALLENGE and m.challengerId = :user and"
                + " m.createdAt > :since order by m.createdAt",
            Instant.class)
        .setParameter("user", userId)
        .setParameter("since", since)
        .getResultList();
  }

  /** Times of a user's challenges since then that the agent took part in, oldest first. */
  public List<Instant> challengesWith(UUID userId, UUID agentId, Instant since) {
    return getEntityManager()
        .createQuery(
            "select m.createdAt from Match m where m.kind = CHALLENGE and m.challengerId = :user and"
                + " m.createdAt > :since and exists (select 1 from Participant p where p.match = m"
                + " and p.agentId = :agent) order by m.createdAt",
            Instant.class)
        .setParameter("user", userId)
        .setParameter("agent", agentId)
        .setParameter("since", since)
        .getResultList();
  }

  /** Matches that fit, newest first. */
  MatchPage page(MatchFilter filter, Paging paging) {
    StringBuilder where = new StringBuilder("1 = 1");
    Map<String, Object> parameters = new HashMap<>();
    filter.addTo(where, parameters);
    return page(
        "from Match m where " + where + " order by m.createdAt desc, m.id desc",
        parameters,
        paging);
  }

  /** As many of those that fit as are wanted, newest first, from behind a position. */
  List<Match> after(Position position, MatchFilter filter, int wanted) {
    StringBuilder where =
        new StringBuilder("m.createdAt <= :at and (m.createdAt < :at or m.id < :id)");
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("at", position.at());
    parameters.put("id", position.id());
    filter.addTo(where, parameters);
    return find("from Match m where " + where + " order by m.createdAt desc, m.id desc", parameters)
        .range(0, wanted - 1)
        .list();
  }

  /** Played matches of an agent, the last one first. */
  MatchPage completed(UUID agentId, boolean withReplay, Paging paging) {
    return page(
        "from Match m where m.state = COMPLETED and exists (select 1 from Participant p where p.match"
            + " = m and p.agentId = :agent)"
            + (withReplay ? " and m.replay.key is not null" : "")
            + " order by m.completedAt desc, m.id desc",
        Map.of("agent", agentId),
        paging);
  }

  private MatchPage page(String query, Map<String, Object> parameters, Paging paging) {
    PanacheQuery<Match> found =
        find(query, parameters).range(paging.offset(), paging.offset() + paging.pageSize() - 1);
    return new MatchPage(found.list(), found.count());
  }

  /**
   * Part of a list of matches.
   *
   * @param total of the whole list
   */
  record MatchPage(List<Match> matches, long total) {}
}
