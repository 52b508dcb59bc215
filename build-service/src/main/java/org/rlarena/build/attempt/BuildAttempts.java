package org.rlarena.build.attempt;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All build attempts, and the leases on them. Lease times are the database's: replicas may disagree
 * about the time, the database does not.
 */
@ApplicationScoped
class BuildAttempts implements PanacheRepositoryBase<BuildAttempt, UUID> {

  private static final String UNFINISHED = "('PENDING', 'BUILDING', 'VALIDATING', 'SCANNING')";

  /** The newest attempt of a submission. */
  Optional<BuildAttempt> latest(UUID submissionId) {
    return find("submissionId = ?1 order by attempt desc", submissionId).firstResultOptional();
  }

  /** All attempts of a submission, locked, the newest first. */
  List<BuildAttempt> locked(UUID submissionId) {
    return find("submissionId = ?1 order by attempt desc", submissionId)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .list();
  }

  /**
   * Gives the oldest attempt that nobody works on to a new lease. A row that another worker looks
   * at in this moment is passed over.
   */
  Optional<BuildAttempt> take(UUID token, Duration lease) {
    List<?> ids =
        getEntityManager()
            .createNativeQuery(
                """
                update build_attempt
                set lease_token = :token,
                    lease_until = clock_timestamp() + cast(:lease as interval),
                    lost_runs = lost_runs + case when lease_token is null then 0 else 1 end
                where id = (
                  select id from build_attempt
                  where state in %s
                    and next_run_at <= clock_timestamp()
                    and (lease_token is null or lease_until < clock_timestamp())
                  order by created_at
                  limit 1
                  for update skip locked)
                returning id
                """
                    .formatted(UNFINISHED),
                UUID.class)
            .setParameter("token", token)
            .setParameter("lease", lease.toMillis() + " milliseconds")
            .getResultList();
    return ids.isEmpty() ? Optional.empty() : findByIdOptional((UUID) ids.getFirst());
  }

  /** Lengthens a lease; false if it is no longer held. */
  boolean renew(Lease lease, Duration time) {
    return getEntityManager()
            .createNativeQuery(
                """
                update build_attempt
                set lease_until = clock_timestamp() + cast(:lease as interval)
                where id = :id and lease_token = :token
                """)
            .setParameter("lease", time.toMillis() + " milliseconds")
            .setParameter("id", lease.attemptId())
            .setParameter("token", lease.token())
            .executeUpdate()
        == 1;
  }

  /** Ends a lease and says when the attempt may be taken again; nothing happens if it was lost. */
  void release(Lease lease, Duration pause) {
    getEntityManager()
        .createNativeQuery(
            """
            update build_attempt
            set lease_token = null, lease_until = null,
                next_run_at = clock_timestamp() + cast(:pause as interval)
            where id = :id and lease_token = :token
            """)
        .setParameter("pause", pause.toMillis() + " milliseconds")
        .setParameter("id", lease.attemptId())
        .setParameter("token", lease.token())
        .executeUpdate();
  }

  /** Takes the lease of an attempt away, whoever holds it. */
  void revoke(UUID attemptId) {
    getEntityManager()
        .createNativeQuery(
            "update build_attempt set lease_token = null, lease_until = null where id = :id")
        .setParameter("id", attemptId)
        .executeUpdate();
  }

  /**
   * The attempt under this lease, locked.
   *
   * @throws LeaseLost if the lease is no longer held
   */
  BuildAttempt held(Lease lease) {
    BuildAttempt attempt = findById(lease.attemptId(), LockModeType.PESSIMISTIC_WRITE);
    if (attempt == null || !lease.token().equals(attempt.leaseToken)) {
      throw new LeaseLost(lease);
    }
    return attempt;
  }

  /** Tokens of all leases that are held, run out or not, those of new scans included. */
  Set<UUID> leaseTokens() {
    Stream<?> tokens =
        getEntityManager()
            .createNativeQuery(
                """
                select lease_token from build_attempt where lease_token is not null
                union select lease_token from playing_build where lease_token is not null
                """,
                UUID.class)
            .getResultStream();
    return tokens.map(UUID.class::cast).collect(Collectors.toSet());
  }
}
