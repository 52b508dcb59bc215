package org.rlarena.submission.versions;

import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.StoredSource;

/**
 * One uploaded version of an agent and its life cycle:
 *
 * <pre>
 * pending -> building -> validating -> scanning -> inactive <-> active
 *    ^------ rebuild ------ build_failed <-'-- a new scan blocks --'
 * </pre>
 *
 * <p>Steps of a build may be skipped (their events may come late) but never go back. An event that
 * arrives late or twice changes nothing and the method says so; a command that the state does not
 * allow is refused with {@link IllegalStateException}. Changed only under the agent's row lock.
 */
@Entity
@Table(name = "submission")
public class Submission {

  /** The first build and three rebuilds. */
  public static final int MAX_ATTEMPTS = 4;

  private static final int MAX_MESSAGE = 1000;

  @Id private UUID id;

  @Column(name = "agent_id")
  private UUID agentId;

  @Column(name = "environment_id")
  private String environmentId;

  private int version;

  @Enumerated(EnumType.STRING)
  private SubmissionState state;

  private int attempt;

  /** Sequence of the latest event on {@code submission.created} about this version. */
  private long sequence;

  @Column(name = "error_message")
  private String errorMessage;

  @Enumerated(EnumType.STRING)
  @Column(name = "source_kind")
  private SourceKind sourceKind;

  @Column(name = "source_sha256")
  private String sourceSha256;

  @Column(name = "source_bytes")
  private long sourceBytes;

  @Column(name = "source_filename")
  private String sourceFilename;

  @Column(name = "source_erased_at")
  private Instant sourceErasedAt;

  @Embedded private Bundle bundle;

  @Column(name = "image_digest")
  private String imageDigest;

  @Column(name = "created_at")
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  @Column(name = "last_retry_at")
  private Instant lastRetryAt;

  @Column(name = "activated_at")
  private Instant activatedAt;

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  protected Submission() {}

  /** A version that was just uploaded and waits for its first build. */
  public Submission(
      UUID id, UUID agentId, String environmentId, int version, StoredSource source, Instant now) {
    this.id = id;
    this.agentId = agentId;
    this.environmentId = environmentId;
    this.version = version;
    this.state = SubmissionState.PENDING;
    this.attempt = 1;
    this.sequence = 1;
    this.sourceKind = source.kind();
    this.sourceSha256 = source.sha256();
    this.sourceBytes = source.bytes();
    this.sourceFilename = source.filename();
    this.createdAt = now;
    this.updatedAt = now;
  }

  /**
   * A build step began.
   *
   * @return false when the news is old: another attempt, a step already passed, or the end is known
   */
  public boolean reached(int ofAttempt, BuildStep step, Instant now) {
    if (!awaits(ofAttempt) || step.state().compareTo(state) <= 0) {
      return false;
    }
    moveTo(step.state(), now);
    return true;
  }

  /**
   * The build succeeded; the version can now be activated.
   *
   * @param imageDigest of the image, or null when the build made none
   * @return false when the news is old
   */
  public boolean passed(int ofAttempt, Bundle bundle, String imageDigest, Instant now) {
    if (!awaits(ofAttempt)) {
      return false;
    }
    this.bundle = bundle;
    this.imageDigest = imageDigest;
    this.errorMessage = null;
    moveTo(SubmissionState.INACTIVE, now);
    return true;
  }

  /**
   * The build failed.
   *
   * @param message what the author has to mend; cut at 1000 characters
   * @return false when the news is old
   */
  public boolean failed(int ofAttempt, String message, Instant now) {
    if (!awaits(ofAttempt)) {
      return false;
    }
    keepMessage(message);
    moveTo(SubmissionState.BUILD_FAILED, now);
    return true;
  }

  /**
   * A new scan of what was built found that it may no longer play. As after a build that failed, a
   * rebuild, which takes newer packages, is the way back.
   *
   * @param message what the author has to mend; cut at 1000 characters
   * @return false when the news is old: another attempt, or it ended otherwise
   */
  public boolean blocked(int ofAttempt, String message, Instant now) {
    if (ofAttempt != attempt || !isActivatable()) {
      return false;
    }
    keepMessage(message);
    bundle = null;
    imageDigest = null;
    moveTo(SubmissionState.BUILD_FAILED, now);
    return true;
  }

  /**
   * This version plays from now on; repeated for one that plays already.
   *
   * @throws IllegalStateException unless it is inactive or active
   */
  public void activate(Instant now) {
    requireState(isActivatable(), "activated");
    activatedAt = now;
    moveTo(SubmissionState.ACTIVE, now);
  }

  /**
   * Another version plays from now on, or none.
   *
   * @throws IllegalStateException unless it is active
   */
  public void deactivate(Instant now) {
    requireState(state == SubmissionState.ACTIVE, "deactivated");
    moveTo(SubmissionState.INACTIVE, now);
  }

  /**
   * Another build attempt was asked for.
   *
   * @throws IllegalStateException unless the build failed and an attempt is left
   */
  public void rebuild(Instant now) {
    requireState(state == SubmissionState.BUILD_FAILED && hasAttemptLeft(), "rebuilt");
    attempt++;
    sequence++;
    lastRetryAt = now;
    errorMessage = null;
    moveTo(SubmissionState.PENDING, now);
  }

  /** The upload is gone for good, and with it what was said about it. */
  public void sourceErased(Instant now) {
    sourceErasedAt = now;
    sourceFilename = "";
    errorMessage = null;
    updatedAt = now;
  }

  public boolean isActivatable() {
    return state == SubmissionState.INACTIVE || state == SubmissionState.ACTIVE;
  }

  public boolean hasAttemptLeft() {
    return attempt < MAX_ATTEMPTS;
  }

  private void keepMessage(String message) {
    if (!isSourceErased()) {
      // what was said about an upload goes with it, also what is said later
      this.errorMessage = message.substring(0, Math.min(message.length(), MAX_MESSAGE));
    }
  }

  private boolean awaits(int ofAttempt) {
    return ofAttempt == attempt && state.isOnTheWay();
  }

  private void moveTo(SubmissionState next, Instant now) {
    state = next;
    updatedAt = now;
  }

  private void requireState(boolean allowed, String verb) {
    if (!allowed) {
      throw new IllegalStateException(
          "Submission %s is %s (attempt %d) and cannot be %s"
              .formatted(id, state.wire(), attempt, verb));
    }
  }

  public UUID id() {
    return id;
  }

  public UUID agentId() {
    return agentId;
  }

  /** Slug of the environment, as the agent had it at the upload. */
  public String environmentId() {
    return environmentId;
  }

  /** 1 for the first version of an agent. */
  public int version() {
    return version;
  }

  public SubmissionState state() {
    return state;
  }

  /** Current build attempt, 1 to {@link #MAX_ATTEMPTS}. */
  public int attempt() {
    return attempt;
  }

  public long sequence() {
    return sequence;
  }

  /** Why the build failed, for the author. */
  public Optional<String> errorMessage() {
    return Optional.ofNullable(errorMessage);
  }

  /** The upload. */
  public StoredSource source() {
    return new StoredSource(sourceKind, sourceSha256, sourceBytes, sourceFilename);
  }

  public boolean isSourceErased() {
    return sourceErasedAt != null;
  }

  /** What is played; empty until a build succeeded. */
  public Optional<Bundle> bundle() {
    return Optional.ofNullable(bundle);
  }

  /** Digest of the image, or null when the build made none. */
  public String imageDigest() {
    return imageDigest;
  }

  public Instant createdAt() {
    return createdAt;
  }

  public Instant updatedAt() {
    return updatedAt;
  }

  public Optional<Instant> lastRetryAt() {
    return Optional.ofNullable(lastRetryAt);
  }

  /** Latest activation, or null before the first. */
  public Instant activatedAt() {
    return activatedAt;
  }
}
