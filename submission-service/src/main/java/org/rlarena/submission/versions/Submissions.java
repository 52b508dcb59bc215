package org.rlarena.submission.versions;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** All versions of all agents. */
@ApplicationScoped
public class Submissions implements PanacheRepositoryBase<Submission, UUID> {

  /** The version that plays for an agent. */
  public Optional<Submission> activeOf(UUID agentId) {
    return find("agentId = ?1 and state = ?2", agentId, SubmissionState.ACTIVE)
        .singleResultOptional();
  }

  /** The agent of a version, read past any loaded entity so that a lock can be taken first. */
  public Optional<UUID> agentOf(UUID submissionId) {
    return getEntityManager()
        .createQuery("select s.agentId from Submission s where s.id = :id", UUID.class)
        .setParameter("id", submissionId)
        .getResultStream()
        .findFirst();
  }

  /** One page of an agent's versions, newest first. */
  public List<Submission> newestOf(UUID agentId, PageRequest page) {
    return find("agentId", Sort.descending("version"), agentId)
        .page(page.number() - 1, page.size())
        .list();
  }

  public long countOf(UUID agentId) {
    return count("agentId", agentId);
  }

  /** Versions of deleted agents whose upload is still kept. */
  public List<Submission> toErase(int limit) {
    return getEntityManager()
        .createQuery(
            "select s from Submission s join Agent a on a.id = s.agentId"
                + " where a.deleted and s.sourceErasedAt is null",
            Submission.class)
        .setMaxResults(limit)
        .getResultList();
  }

  /** Which of these ids are known. */
  public Set<UUID> existing(Collection<UUID> ids) {
    return new HashSet<>(
        getEntityManager()
            .createQuery("select s.id from Submission s where s.id in :ids", UUID.class)
            .setParameter("ids", ids)
            .getResultList());
  }

  /** How many versions a user's agents have, and how many of those agents play. */
  public OwnerStats statsOf(UUID ownerId) {
    return getEntityManager()
        .createQuery(
            // a parameter among what is selected would have the statement translated each time
            "select count(s), count(case when s.state = SubmissionState.ACTIVE then 1 end)"
                + " from Submission s join Agent a on a.id = s.agentId where a.ownerId = :owner",
            OwnerStats.class)
        .setParameter("owner", ownerId)
        .getSingleResult();
  }
}
