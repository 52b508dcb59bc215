package org.rlarena.match.directory;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/**
 * The active version of each agent. Every write repeats safely; a lower sequence changes nothing.
 */
@ApplicationScoped
public class ActiveVersions implements PanacheRepositoryBase<ActiveVersion, UUID> {

  /** Takes the version unless something newer is known. */
  public void put(SubmissionActivated activated) {
    getEntityManager()
        .createNativeQuery(
            """
            insert into active_version (agent_id, sequence, submission_id, version, bundle_key,
              bundle_sha256, bundle_bytes, python_minor, platform, image_digest)
            values (:agent, :sequence, :submission, :version, :key, :sha256, :bytes, :python,
              :platform, :image)
            on conflict (agent_id) do update
              set sequence = excluded.sequence, submission_id = excluded.submission_id,
                  version = excluded.version, bundle_key = excluded.bundle_key,
                  bundle_sha256 = excluded.bundle_sha256, bundle_bytes = excluded.bundle_bytes,
                  python_minor = excluded.python_minor, platform = excluded.platform,
                  image_digest = excluded.image_digest
              where excluded.sequence > active_version.sequence
            """)
        .setParameter("agent", activated.agentId())
        .setParameter("sequence", activated.sequence())
        .setParameter("submission", activated.submissionId())
        .setParameter("version", activated.version())
        .setParameter("key", activated.bundle().key())
        .setParameter("sha256", activated.bundle().sha256())
        .setParameter("bytes", activated.bundle().bytes())
        .setParameter("python", activated.bundle().pythonMinor())
        .setParameter("platform", activated.bundle().platform())
        .setParameter("image", activated.imageDigest())
        .executeUpdate();
  }

  /** Notes that the agent has no version that plays, unless something newer is known. */
  public void clear(UUID agentId, long sequence) {
    getEntityManager()
        .createNativeQuery(
            """
            insert into active_version (agent_id, sequence) values (:agent, :sequence)
            on conflict (agent_id) do update
              set sequence = excluded.sequence, submission_id = null, version = null,
                  bundle_key = null, bundle_sha256 = null, bundle_bytes = null,
                  python_minor = null, platform = null, image_digest = null
              where excluded.sequence > active_version.sequence
            """)
        .setParameter("agent", agentId)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }
}
